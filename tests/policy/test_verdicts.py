"""What checks come to together: a deny wins, and silence is not consent."""

from hypothesis import given
from hypothesis import strategies as st

from policy.verdicts import STATE_OF, CheckState, Effect, combine

STATES = st.lists(st.sampled_from(CheckState), max_size=8)


def test_no_check_stands_in_the_way():
    assert combine([]) is CheckState.PASSED


def test_every_verdict_has_a_state_and_none_is_pending():
    assert set(STATE_OF) == set(Effect)
    assert CheckState.PENDING not in STATE_OF.values()


@given(STATES)
def test_one_that_failed_decides(states):
    assert (combine(states) is CheckState.FAILED) == (CheckState.FAILED in states)


@given(STATES)
def test_else_one_that_is_pending_is_waited_for(states):
    waits = CheckState.PENDING in states and CheckState.FAILED not in states
    assert (combine(states) is CheckState.PENDING) == waits


@given(STATES)
def test_it_passes_when_each_has_said_something_else(states):
    assert (combine(states) is CheckState.PASSED) == set(states).isdisjoint(
        {CheckState.FAILED, CheckState.PENDING}
    )


@given(STATES, st.randoms())
def test_the_order_does_not_count(states, random):
    shuffled = list(states)
    random.shuffle(shuffled)
    assert combine(shuffled) is combine(states) is combine(states + states)


@given(STATES)
def test_one_that_has_nothing_to_say_changes_nothing(states):
    assert combine([*states, CheckState.SKIPPED]) is combine(states)
