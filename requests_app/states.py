"""Pure: the states of a request and of a grant, and the table of allowed moves (SEMANTICS 0)."""

from collections.abc import Mapping
from enum import StrEnum

from accessplane.lib.words import gettext_lazy as _
from accessplane.lib.words import pgettext_lazy


class RequestState(StrEnum):
    """Pending, or resolved for good."""

    PENDING = "PENDING"
    APPROVED = "APPROVED"
    DENIED = "DENIED"
    EXPIRED = "EXPIRED"
    CANCELLED = "CANCELLED"


class GrantState(StrEnum):
    """Not begun, begun, or over for good."""

    SCHEDULED = "SCHEDULED"
    ACTIVE = "ACTIVE"
    EXPIRED = "EXPIRED"
    ENDED = "ENDED"
    REVOKED = "REVOKED"


REQUEST_MOVES: Mapping[RequestState, frozenset[RequestState]] = {
    RequestState.PENDING: frozenset(
        {
            RequestState.APPROVED,
            RequestState.DENIED,
            RequestState.EXPIRED,
            RequestState.CANCELLED,
        }
    ),
    RequestState.APPROVED: frozenset(),
    RequestState.DENIED: frozenset(),
    RequestState.EXPIRED: frozenset(),
    RequestState.CANCELLED: frozenset(),
}

GRANT_MOVES: Mapping[GrantState, frozenset[GrantState]] = {
    GrantState.SCHEDULED: frozenset({GrantState.ACTIVE, GrantState.ENDED, GrantState.REVOKED}),
    GrantState.ACTIVE: frozenset({GrantState.EXPIRED, GrantState.ENDED, GrantState.REVOKED}),
    GrantState.EXPIRED: frozenset(),
    GrantState.ENDED: frozenset(),
    GrantState.REVOKED: frozenset(),
}

_WORDS = {
    "PENDING": _("Pending"),
    "APPROVED": _("Approved"),
    "DENIED": _("Denied"),
    "EXPIRED": _("Expired"),
    "CANCELLED": _("Cancelled"),
    "SCHEDULED": _("Scheduled"),
    "ACTIVE": _("Active"),
    "ENDED": _("Ended"),
    "REVOKED": _("Revoked"),
    # Of checks.
    "PASSED": _("Passed"),
    "SKIPPED": _("Skipped"),
    "FAILED": _("Failed"),
}

# Within a sentence; in English the state is named by its code, as the REST interface does.
_WITHIN = {
    "PENDING": pgettext_lazy("already", "PENDING"),
    "APPROVED": pgettext_lazy("already", "APPROVED"),
    "DENIED": pgettext_lazy("already", "DENIED"),
    "EXPIRED": pgettext_lazy("already", "EXPIRED"),
    "CANCELLED": pgettext_lazy("already", "CANCELLED"),
    "SCHEDULED": pgettext_lazy("already", "SCHEDULED"),
    "ACTIVE": pgettext_lazy("already", "ACTIVE"),
    "ENDED": pgettext_lazy("already", "ENDED"),
    "REVOKED": pgettext_lazy("already", "REVOKED"),
}

OPEN_GRANT_STATES = frozenset({GrantState.SCHEDULED, GrantState.ACTIVE})


def can_move_request(before: RequestState, after: RequestState) -> bool:
    """Whether a request may go from one state to the other."""
    return after in REQUEST_MOVES[before]


def can_move_grant(before: GrantState, after: GrantState) -> bool:
    """Whether a grant may go from one state to the other."""
    return after in GRANT_MOVES[before]


def state_word(state: str) -> str:
    """What a state of a request, a grant or a check is called where people read."""
    return str(_WORDS.get(state, state.capitalize()))


def already(state: str) -> str:
    """The same within a sentence that refuses: "This request is APPROVED already."."""
    return str(_WITHIN.get(state, state))
