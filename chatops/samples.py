"""Made-up news to look at messages with: Bob asks for dba, Alice has approved."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from accessplane.lib.instants import text_of
from chatops.composing import Scene
from chatops.messages import Audience
from chatops.selectors import CREATED, OF_THE_REQUESTER
from policy.verdicts import CheckState
from requests_app.shown import Person, ShownCheck, ShownGrant, ShownRequest, ShownReview
from requests_app.states import GrantState, RequestState

REMINDER = "reminder"
TYPES = [*sorted(OF_THE_REQUESTER), REMINDER]
BOB, ALICE = "bob@example.com", "alice@example.com"
NAMES = {BOB: "Bob", ALICE: "Alice", "ivan@example.com": "Ivan"}
_ID, _GRANT, _PERSON = (UUID(int=number) for number in (1, 2, 3))
_STATES = {
    f"access_request.{state.lower()}": state
    for state in RequestState
    if state != RequestState.PENDING
}


def scene(event_type: str, audience: Audience, *, at: datetime) -> Scene:
    """News of this type, one of `TYPES`, as if it happened at this moment."""
    is_reminder = event_type == REMINDER
    event_type = CREATED if is_reminder else event_type
    kind = event_type.partition(".")[0]
    about = {"kind": kind, "id": str(_GRANT if kind == "grant" else _ID), "name": "dba"}
    event = {
        "sequence": 0,
        "id": str(_ID),
        "type": event_type,
        "at": text_of(at),
        "actor": {"kind": "user", "id": None, "name": ALICE, "via": "web", "ip": None},
        "about": about,
        "data": _data(at),
        "hash": "",
    }
    request = _request(event_type, at)
    return Scene(
        event=event,
        audience=audience,
        request=request,
        names=NAMES,
        at=at,
        is_reminder=is_reminder,
    )


def _data(at: datetime) -> dict[str, Any]:
    """What the events of all types tell, each of them some of it."""
    return {
        "reviewer": ALICE,
        "decision": "APPROVE",
        "reason": "proceed with caution",
        "workflow": "ticket",
        "verdict": "ALLOW",
        "problem": "tickets.example.com did not answer within 10 seconds.",
        "role": "dba",
        "starts_at": text_of(at),
        "ends_at": text_of(at + timedelta(hours=8)),
    }


def _request(event_type: str, at: datetime) -> ShownRequest:
    is_granted = event_type.startswith("grant.")
    state = (
        RequestState.APPROVED if is_granted else _STATES.get(event_type, RequestState.PENDING)
    )
    bob = Person(pk=_PERSON, email=BOB, display_name="Bob", owner_id=None)
    threshold = {"name": "two people", "filter": "", "approve": 2, "deny": 1, "all_of": None}
    return ShownRequest(
        id=_ID,
        state=state,
        owner_id=None,
        roles=["dba"],
        reason="ticket #123",
        suggested_reviewers=[ALICE],
        annotations={},
        judgement={"thresholds": [threshold], "by_role": [{"role": "dba", "sets": [[0]]}]},
        created_at=at,
        pending_expires_at=at + timedelta(days=7),
        start_time=None,
        duration=timedelta(hours=8),
        requested_duration=None,
        limit=timedelta(hours=8),
        extends_id=None,
        via="web",
        resolved_at=None if state == RequestState.PENDING else at,
        resolve_reason="",
        forced=False,
        requester=bob,
        author=bob,
        owner_email=None,
        extended=[],
        all_grants=[_grant(at)] if state == RequestState.APPROVED else [],
        all_reviews=[_review(at)],
        all_checks=[
            ShownCheck(
                name="ticket",
                state=CheckState.PENDING,
                reason="",
                problem="",
                tries=0,
                next_at=None,
            )
        ],
    )


def _grant(at: datetime) -> ShownGrant:
    return ShownGrant(
        role_name="dba",
        id=_GRANT,
        user_id=_PERSON,
        state=GrantState.ACTIVE,
        starts_at=at,
        ends_at=at + timedelta(hours=8),
        closed_at=None,
        closed_reason="",
    )


def _review(at: datetime) -> ShownReview:
    return ShownReview(
        number=1,
        id=_ID,
        reviewer_email=ALICE,
        decision="APPROVE",
        reason="proceed with caution",
        annotations={},
        met=[[0, []]],
        created_at=at,
        via="web",
    )
