"""What is worth a look before a decision; nothing is said that the facts do not say."""

from datetime import timedelta
from uuid import UUID

import pytest

from reviews.hints import Asked, Earlier, Hint, Sign, hints_of
from tests.cast import NOON

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def asked(**changed) -> Asked:
    usual = {
        "roles": ["dba"],
        "reason": "ticket #1",
        "duration": 2 * HOUR,
        "requester": "bob@example.com",
        "author": "bob@example.com",
        "created_at": NOON,
    }
    return Asked(**usual | changed)


def earlier(*roles: str, **changed) -> Earlier:
    usual = {
        "id": UUID(int=1),
        "roles": roles or ("dba",),
        "state": "APPROVED",
        "duration": 2 * HOUR,
        "created_at": NOON - 2 * DAY,
        "resolved_at": NOON - 2 * DAY + HOUR,
    }
    return Earlier(**usual | changed)


def signs(request: Asked, *before: Earlier, is_whole: bool = True) -> list[Sign]:
    return [hint.sign for hint in hints_of(request, before, is_whole=is_whole)]


def test_the_usual_has_no_hint():
    assert signs(asked(), earlier(), earlier(), earlier()) == []


def test_a_first_time_names_only_the_roles_that_are_new():
    found = hints_of(asked(roles=["dba", "web"]), [earlier("dba")], is_whole=True)

    assert found == [Hint(sign=Sign.FIRST_TIME, names=("web",))]


def test_nothing_is_called_a_first_time_when_not_everything_was_looked_at():
    assert signs(asked(), earlier("web"), is_whole=False) == []


@pytest.mark.parametrize(
    ("settled", "seen"),
    [(NOON - 30 * DAY, True), (NOON - 30 * DAY - HOUR, False)],
)
def test_a_denial_of_the_role_is_told_for_30_days(settled, seen):
    before = earlier(state="DENIED", resolved_at=settled)

    found = hints_of(asked(), [before], is_whole=True)

    told = Hint(sign=Sign.DENIED_LATELY, names=("dba",), moment=settled)
    assert found == ([told] if seen else [])


def test_of_several_denials_the_latest_is_told_and_of_other_roles_none():
    old = earlier(state="DENIED", created_at=NOON - 9 * DAY, resolved_at=NOON - 9 * DAY)
    new = earlier(state="DENIED", created_at=NOON - DAY, resolved_at=NOON - DAY)
    other = earlier("web", state="DENIED", created_at=NOON - HOUR, resolved_at=NOON - HOUR)

    (found,) = hints_of(asked(), [old, new, other], is_whole=True)

    assert (found.sign, found.moment) == (Sign.DENIED_LATELY, NOON - DAY)


@pytest.mark.parametrize(("count", "seen"), [(2, False), (3, True)])
def test_longer_than_before_needs_something_to_compare_with(count, seen):
    found = hints_of(asked(duration=3 * HOUR), [earlier()] * count, is_whole=True)

    told = Hint(sign=Sign.LONGER_THAN_BEFORE, length=2 * HOUR)
    assert found == ([told] if seen else [])


def test_as_long_as_once_before_is_not_longer():
    before = [earlier(), earlier(), earlier(duration=3 * HOUR)]

    assert signs(asked(duration=3 * HOUR), *before) == []


def test_no_reason_and_another_author_are_told():
    request = asked(reason=" \n", author="carol@example.com")

    found = hints_of(request, [earlier()], is_whole=True)

    assert found == [
        Hint(sign=Sign.NO_REASON),
        Hint(sign=Sign.ASKED_BY_ANOTHER, person="carol@example.com"),
    ]


def test_a_held_check_comes_before_what_is_only_new():
    assert signs(asked(held=["ticket"])) == [Sign.CHECK_HELD, Sign.FIRST_TIME]
