"""How PagerDuty is asked who is on call, and what counts of what it says."""

from datetime import timedelta

import pytest

from chatops.services.on_call import Channels
from policy.engines.base import EngineFailed
from policy.engines.rota import Duty, Shift
from tests import cast
from tests.chatops.pagerduty_door import pagerduty_channel
from tests.chatops.rota import POLICY, PRIMARY, stage

pytestmark = pytest.mark.django_db
SCHEDULE = Duty(schedules=[PRIMARY])
BOB = "bob@example.com"


@pytest.fixture
def rota(everybody, pager, clock):
    return stage(pager, clock.now)


def asked(clock, duty=SCHEDULE, email=BOB, *, seconds=20):
    patience = timedelta(seconds=seconds)
    return Channels().shift_of(
        email, duty, channel="pagerduty", patience=patience, at=clock.now()
    )


def problem(clock, *more, **most):
    with pytest.raises(EngineFailed) as caught:
        asked(clock, *more, **most)
    return caught.value.sentence


# --- who is on call -----------------------------------------------------------------------------


def test_a_shift_has_its_name_and_its_end(rota, clock):
    end = rota.takes_over("bob")

    assert asked(clock) == Shift(duty=PRIMARY, until=end, told_by="PagerDuty")


@pytest.mark.parametrize("named", [PRIMARY.upper(), "the id"])
def test_a_schedule_is_named_by_name_or_id(rota, clock, named):
    rota.takes_over("bob")

    assert asked(clock, Duty(schedules=[rota.schedule if named == "the id" else named]))


@pytest.mark.parametrize("named", [POLICY, "the id"])
def test_so_is_an_escalation_policy(rota, clock, named):
    end = rota.takes_over("bob")
    named = rota.policy if named == "the id" else named

    shift = asked(clock, Duty(escalation_policies=[named]))

    assert shift == Shift(duty=POLICY, until=end, told_by="PagerDuty")


def test_one_of_several_is_enough(rota, clock):
    rota.pager.plan("Other")
    rota.pager.escalate("Third")
    rota.takes_over("bob")

    assert asked(clock, Duty(schedules=["Other", PRIMARY], escalation_policies=["Third"]))
    assert asked(clock, Duty(schedules=["Other"], escalation_policies=[POLICY]))
    assert not asked(clock, Duty(schedules=["Other"], escalation_policies=["Third"]))


def test_whoever_is_always_on_call_has_no_end(rota, clock):
    rota.takes_over("bob", schedule=None, start=None, end=None)

    assert asked(clock, Duty(escalation_policies=[POLICY])).until is None
    assert asked(clock) is None


def test_of_several_shifts_the_last_to_end_counts(rota, clock):
    rota.takes_over("bob", hours=2)
    end = rota.takes_over("bob", hours=8)
    rota.takes_over("bob", hours=3)

    assert asked(clock).until == end


@pytest.mark.parametrize(("levels", "counts"), [(1, False), (2, True), (3, True)])
def test_only_the_first_levels_count(rota, clock, levels, counts):
    """Whoever is the last resort of a policy is on call all the time."""
    rota.takes_over("bob", schedule=None, start=None, end=None, level=2)

    duty = Duty(escalation_policies=[POLICY], levels=levels)

    assert bool(asked(clock, duty)) is counts


# --- who is not ---------------------------------------------------------------------------------


def test_somebody_else_is(rota, clock):
    rota.takes_over("carol")

    assert asked(clock) is None


def test_nobody_has_the_address(rota, clock):
    rota.takes_over("bob")

    assert asked(clock, email="ob@example.com") is None
    assert asked(clock, email="mallory@example.com") is None


def test_two_accounts_have_it(rota, clock):
    rota.takes_over("bob")
    rota.pager.users["PB0B002"] = "Bob@Example.com"

    assert asked(clock) is None


def test_the_invitation_was_not_taken(rota, clock):
    rota.takes_over("bob")
    rota.pager.invited.add(rota.accounts["bob"])

    assert asked(clock) is None


def test_the_account_is_gone(rota, clock):
    rota.takes_over("bob")
    del rota.pager.users[rota.accounts["bob"]]

    assert asked(clock) is None


def test_what_pagerduty_gives_besides_is_not_taken(rota, clock, monkeypatch):
    """As if it did not know our filters, or had another time."""
    other = rota.pager.plan("Other")
    rota.takes_over("carol")
    rota.takes_over("bob", schedule=other)
    rota.takes_over("bob", start=clock.now() + timedelta(minutes=1))
    rota.takes_over("bob", end=clock.now())
    everything = {"oncalls": rota.pager.turns, "more": False, "limit": 100, "offset": 0}
    monkeypatch.setattr(rota.pager, "_oncalls", lambda _: (200, everything))

    assert asked(clock) is None


# --- pages --------------------------------------------------------------------------------------


def test_lists_are_read_to_their_end(rota, clock):
    rota.pager.most = 2
    for number in range(5):
        rota.pager.plan(f"Not {PRIMARY} {number}")
        rota.pager.users[f"PX{number:05}"] = f"{number}{BOB}"
    last = rota.pager.plan("Mine is Payments primary")
    rota.pager.schedules[last] = "Payments primary two"
    for _ in range(3):
        rota.takes_over("bob", hours=1)
    end = rota.takes_over("bob", schedule=last)

    assert asked(clock, Duty(schedules=[PRIMARY, "Payments primary two"])).until == end


def test_a_second_account_on_the_last_page_is_seen(rota, clock):
    rota.takes_over("bob")
    rota.pager.most = 1
    rota.pager.users["PX00001"] = f"not{BOB}"
    rota.pager.users["PX00002"] = BOB

    assert asked(clock) is None


def test_a_list_without_an_end_is_given_up(rota, clock, monkeypatch):
    endless = {"users": [], "more": True, "limit": 100, "offset": 0}
    monkeypatch.setattr(rota.pager, "_people", lambda _: (200, endless))

    assert problem(clock) == "PagerDuty has more of this than anybody could mean."
    assert len(rota.pager.calls) == 20


# --- no answer ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("duty", "sentence"),
    [
        (Duty(schedules=["Nothing"]), "PagerDuty has no schedule 'Nothing'."),
        (Duty(schedules=["PNOTHING"]), "PagerDuty has no schedule 'PNOTHING'."),
        (
            Duty(escalation_policies=["Nothing"]),
            "PagerDuty has no escalation policy 'Nothing'.",
        ),
    ],
)
def test_what_does_not_exist_is_no_answer(rota, clock, duty, sentence):
    assert problem(clock, duty) == sentence


def test_two_of_one_name_are_no_answer(rota, clock):
    rota.takes_over("bob")
    rota.pager.plan(PRIMARY)

    assert problem(clock) == (
        "PagerDuty has more than one schedule 'Payments primary': write the id."
    )


@pytest.mark.parametrize(
    ("status", "sentence"),
    [
        (401, "PagerDuty does not take the API key (401)."),
        (403, "The API key may not do this in PagerDuty (403)."),
        (429, "PagerDuty wants fewer calls (429)."),
        (500, "PagerDuty answered 500."),
        (200, "PagerDuty answered with something unreadable."),
    ],
)
@pytest.mark.parametrize("before", [0, 1, 2])
def test_whatever_goes_wrong_is_no_answer(rota, clock, status, sentence, before):
    """At the user, the schedule, or the shifts."""
    rota.takes_over("bob")
    bob = {"id": rota.accounts["bob"], "email": BOB}
    first = [{"users": [bob], "more": False}]
    second = [{"schedules": [{"id": rota.schedule, "name": PRIMARY}], "more": False}]
    for document in (first + second)[:before]:
        rota.pager.will_answer(200, document)
    rota.pager.will_answer(status)

    assert problem(clock) == sentence
    assert len(rota.pager.calls) == before + 1


def test_all_questions_together_have_their_time(rota, clock):
    assert problem(clock, seconds=0) == "PagerDuty did not say within 0 seconds."
    assert rota.pager.calls == []


def test_a_channel_out_of_use_is_no_answer(rota, clock, pager):
    document = pagerduty_channel(pager)
    document["spec"]["active"] = False
    cast.apply(document)

    assert problem(clock) == "The channel pagerduty is not in use."
    assert pager.calls == []
