"""Pure: what a reviewer may want to know before a decision, drawn from facts alone.

A hint says that something is unusual, never that it is wrong, and decides nothing.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

# With fewer requests before, nothing is usual yet.
USUAL_FROM = 3
RECENT = timedelta(days=30)


class Sign(StrEnum):
    """What is worth a look."""

    FIRST_TIME = "FIRST_TIME"  # of these roles
    DENIED_LATELY = "DENIED_LATELY"  # one of these roles
    LONGER_THAN_BEFORE = "LONGER_THAN_BEFORE"
    NO_REASON = "NO_REASON"
    ASKED_BY_ANOTHER = "ASKED_BY_ANOTHER"
    CHECK_HELD = "CHECK_HELD"


@dataclass(frozen=True, slots=True, kw_only=True)
class Earlier:
    """A request that the same person made before."""

    id: UUID
    roles: Sequence[str]
    state: str
    duration: timedelta
    created_at: datetime
    resolved_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """The request to be judged; `held` names the checks that could not be asked."""

    roles: Sequence[str]
    reason: str
    duration: timedelta
    requester: str
    author: str
    created_at: datetime
    held: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Hint:
    """A sign, and what it is about: roles or checks, a length, a moment, or a person."""

    sign: Sign
    names: tuple[str, ...] = ()
    length: timedelta | None = None
    moment: datetime | None = None
    person: str = ""


def hints_of(asked: Asked, earlier: Sequence[Earlier], *, is_whole: bool) -> list[Hint]:
    """What is worth a look, the weightiest first.

    `earlier` are requests of the same person made before this one; `is_whole` says that there
    were no others, else nothing is called a first time.
    """
    return [
        *_denied_lately(asked, earlier),
        *_held(asked),
        *(_first_time(asked, earlier) if is_whole else ()),
        *_longer(asked, earlier),
        *_told_nothing(asked),
        *_by_another(asked),
    ]


def _denied_lately(asked: Asked, earlier: Sequence[Earlier]) -> Iterator[Hint]:
    for one in sorted(earlier, key=lambda each: each.created_at, reverse=True):
        roles = tuple(name for name in asked.roles if name in one.roles)
        when = one.resolved_at or one.created_at
        if roles and one.state == "DENIED" and asked.created_at - when <= RECENT:
            yield Hint(sign=Sign.DENIED_LATELY, names=roles, moment=when)
            return


def _held(asked: Asked) -> Iterator[Hint]:
    if asked.held:
        yield Hint(sign=Sign.CHECK_HELD, names=tuple(asked.held))


def _first_time(asked: Asked, earlier: Sequence[Earlier]) -> Iterator[Hint]:
    before = {name for one in earlier for name in one.roles}
    new = tuple(name for name in asked.roles if name not in before)
    if new:
        yield Hint(sign=Sign.FIRST_TIME, names=new)


def _longer(asked: Asked, earlier: Sequence[Earlier]) -> Iterator[Hint]:
    longest = max((one.duration for one in earlier), default=asked.duration)
    if len(earlier) >= USUAL_FROM and asked.duration > longest:
        yield Hint(sign=Sign.LONGER_THAN_BEFORE, length=longest)


def _told_nothing(asked: Asked) -> Iterator[Hint]:
    if not asked.reason.strip():
        yield Hint(sign=Sign.NO_REASON)


def _by_another(asked: Asked) -> Iterator[Hint]:
    if asked.author != asked.requester:
        yield Hint(sign=Sign.ASKED_BY_ANOTHER, person=asked.author)
