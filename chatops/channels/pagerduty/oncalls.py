"""Who is on call in PagerDuty, by its public reference: users, schedules, policies, on-calls."""

import re
import time
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Annotated, Any, Literal, TypeVar
from urllib.parse import quote

import msgspec
from msgspec import Meta

from chatops.channels.base import DeliveryFailed
from chatops.channels.calls import TIMEOUT, Refused
from chatops.channels.pagerduty.api import Api
from policy.engines.rota import Duty, Shift

AT_ONCE = 100
MOST_PAGES = 20
ID = re.compile(r"[A-Z0-9]{6,20}")

_Moment = Annotated[datetime, Meta(tz=True)]
_Plural = Literal["schedules", "escalation_policies"]
_SINGULAR = {"schedules": "schedule", "escalation_policies": "escalation_policy"}


class Reference(msgspec.Struct):
    """A thing of PagerDuty's, and what it is called there."""

    id: str
    summary: str | None = None


class Named(msgspec.Struct):
    """A schedule or an escalation policy of a list."""

    id: str
    name: str | None = None


class Account(msgspec.Struct):
    """What is read of a user; whoever has not taken the invitation has proved no address."""

    id: str
    email: str
    invitation_sent: bool = False


class Turn(msgspec.Struct):
    """Somebody is on call by a policy, and by a schedule unless the policy names the person."""

    user: Reference
    escalation_policy: Reference
    escalation_level: int
    schedule: Reference | None = None
    start: _Moment | None = None
    end: _Moment | None = None

    def is_now(self, at: datetime) -> bool:
        """Whether it has begun and not ended; null is always."""
        return (self.start is None or self.start <= at) and (self.end is None or at < self.end)


class Page(msgspec.Struct, kw_only=True):
    """What every page of a list says besides."""

    more: bool
    limit: int = AT_ONCE


class Accounts(Page, kw_only=True):
    """A page of users."""

    users: list[Account]


class Schedules(Page, kw_only=True):
    """A page of schedules."""

    schedules: list[Named]


class Policies(Page, kw_only=True):
    """A page of escalation policies."""

    escalation_policies: list[Named]


class Turns(Page, kw_only=True):
    """A page of on-calls."""

    oncalls: list[Turn]


class One(msgspec.Struct):
    """A schedule or an escalation policy that was found by its id."""

    schedule: Named | None = None
    escalation_policy: Named | None = None


Listed = TypeVar("Listed", bound=Page)


class Desk:
    """Asks PagerDuty, all in all no longer than `patience`; every question: `DeliveryFailed`."""

    def __init__(self, api: Api, patience: timedelta) -> None:
        self._api = api
        self._patience = patience
        self._end = time.monotonic() + patience.total_seconds()

    def shift_of(self, email: str, duty: Duty, *, at: datetime) -> Shift | None:
        """The shift of the one user with this address that ends last; None if not on call."""
        account = self._account(email)
        if account is None:
            return None
        # Two questions: PagerDuty takes only what is in both, if both are asked for at once.
        schedules = self._ids("schedules", duty.schedules)
        policies = self._ids("escalation_policies", duty.escalation_policies)
        shifts = [
            *(
                Shift(duty=_name(turn.schedule), until=turn.end, told_by="PagerDuty")
                for turn in self._turns(account, "schedule_ids[]", schedules, at)
                if turn.schedule is not None and turn.schedule.id in schedules
            ),
            *(
                Shift(duty=_name(turn.escalation_policy), until=turn.end, told_by="PagerDuty")
                for turn in self._turns(account, "escalation_policy_ids[]", policies, at)
                if turn.escalation_policy.id in policies
                and turn.escalation_level <= duty.levels
            ),
        ]
        return max(shifts, key=_lasts, default=None)

    def _account(self, email: str) -> str | None:
        """The id of the only user who has this address, and has shown to be its owner."""
        found = [
            account
            for page in self._pages("/users", Accounts, {"query": email})
            for account in page.users
            if account.email.strip().lower() == email
        ]
        if len(found) != 1 or found[0].invitation_sent:
            return None
        return found[0].id

    def _turns(
        self, account: str, field: str, ids: Sequence[str], at: datetime
    ) -> Iterator[Turn]:
        """Those of the account now; what PagerDuty was asked for is looked at again."""
        if not ids:
            return
        query = {"user_ids[]": [account], field: list(ids)}
        for page in self._pages("/oncalls", Turns, query):
            for turn in page.oncalls:
                if turn.user.id == account and turn.is_now(at):
                    yield turn

    def _ids(self, kind: _Plural, named: Sequence[str]) -> list[str]:
        return [self._by_id(kind, one) or self._by_name(kind, one) for one in named]

    def _by_id(self, kind: _Plural, named: str) -> str:
        if not ID.fullmatch(named):
            return ""
        try:
            found = self._call(f"/{kind}/{quote(named, safe='')}", One)
        except Refused as refusal:
            if refusal.status != HTTPStatus.NOT_FOUND:
                raise
            return ""
        one = found.schedule or found.escalation_policy
        return one.id if one else ""

    def _by_name(self, kind: _Plural, named: str) -> str:
        into: Any = Schedules if kind == "schedules" else Policies
        found = [
            one.id
            for page in self._pages(f"/{kind}", into, {"query": named})
            for one in getattr(page, kind)
            if (one.name or "").casefold() == named.casefold()
        ]
        if len(found) == 1:
            return str(found[0])
        what = _SINGULAR[kind].replace("_", " ")
        if found:
            raise DeliveryFailed(
                f"PagerDuty has more than one {what} {named[:64]!r}: write the id."
            )
        raise DeliveryFailed(f"PagerDuty has no {what} {named[:64]!r}.")

    def _pages(self, path: str, into: type[Listed], query: dict[str, Any]) -> Iterator[Listed]:
        offset = 0
        for _ in range(MOST_PAGES):
            page = self._call(path, into, query | {"limit": AT_ONCE, "offset": offset})
            yield page
            if not page.more:
                return
            offset += page.limit
        raise DeliveryFailed("PagerDuty has more of this than anybody could mean.")

    def _call(self, path: str, into: Any, query: dict[str, Any] | None = None) -> Any:
        left = timedelta(seconds=self._end - time.monotonic())
        if left <= timedelta(0):
            seconds = f"{self._patience.total_seconds():g}"
            raise DeliveryFailed(f"PagerDuty did not say within {seconds} seconds.")
        return self._api.call("GET", path, into, query=query, timeout=min(TIMEOUT, left))


def _name(thing: Reference) -> str:
    """What PagerDuty calls it, as far as it can be shown; else its id."""
    summary = "".join(letter for letter in thing.summary or "" if letter.isprintable())
    return summary.strip() or thing.id


def _lasts(shift: Shift) -> tuple[bool, datetime]:
    """In order of their ends; one without an end comes last."""
    return shift.until is None, shift.until or datetime.min  # noqa: DTZ901 - never compared
