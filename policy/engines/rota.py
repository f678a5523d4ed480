"""Who knows who is on call: an app above, which speaks with the services that know (ADR 0024)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from policy.engines.base import EngineFailed


@dataclass(frozen=True, slots=True, kw_only=True)
class Duty:
    """What somebody may be on call for, by ids or names of the service: one of these is enough.

    Of an escalation policy the first `levels` levels count.
    """

    schedules: Sequence[str] = ()
    escalation_policies: Sequence[str] = ()
    levels: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """Somebody is on call: for what, until when (None: without an end), and who says so."""

    duty: str
    until: datetime | None
    told_by: str


class Rota(Protocol):
    """Whom to ask, through the channel of a name."""

    def check(self, channel: str) -> None:
        """Raise `InvalidInput` unless there is such a channel, and its service could be asked."""

    def shift_of(
        self, email: str, duty: Duty, *, channel: str, patience: timedelta, at: datetime
    ) -> Shift | None:
        """The shift of whoever has this address, None if not on call; `EngineFailed`.

        It takes no longer than `patience`. Not for use in a transaction.
        """


_rotas: list[Rota] = []


def register_rota(rota: Rota) -> None:
    """Take who is asked."""
    _rotas[:] = [rota]


def rota() -> Rota:
    """Who is asked; `EngineFailed` if there is nobody."""
    if not _rotas:
        raise EngineFailed("Nobody here knows who is on call.")
    return _rotas[0]
