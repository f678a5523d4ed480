"""The windows that ask what a deed needs, and the deeds themselves."""

from datetime import datetime
from typing import Any
from uuid import UUID

from accessplane.lib.actors import Actor
from accessplane.lib.durations import parse_duration
from accessplane.lib.errors import Conflict, InvalidInput, NotPermitted
from chatops import composing
from chatops.channels.slack import blocks
from chatops.channels.slack.payloads import Click, Submission
from chatops.messages import Deed, Fact
from identity.models import User
from requests_app.models import Grant
from requests_app.planning import Wish
from requests_app.services import asking, granting, reading
from reviews.services import reviewing
from reviews.thresholds import Decision

_DECISIONS = {Deed.APPROVE: Decision.APPROVE, Deed.DENY: Decision.DENY}
_FIELD_OF = {
    "reason_required": blocks.REASON,
    "reason_pattern": blocks.REASON,
    "reason_too_long": blocks.REASON,
    "start_time_in_past": blocks.START,
    "start_time_too_far": blocks.START,
    "invalid_duration": blocks.DURATION,
    "duration_too_long": blocks.DURATION,
}
_FIELDS = {
    Deed.APPROVE: {blocks.REASON, blocks.START},
    Deed.DENY: {blocks.REASON},
    Deed.EXTEND: {blocks.REASON, blocks.DURATION},
    Deed.GIVE_BACK: {blocks.REASON},
}


def dialog_for(click: Click, user: User, *, at: datetime) -> dict[str, Any]:
    """The window for what was pressed; refused as the deed would be, if that is clear already."""
    if click.deed in _DECISIONS:
        reviewing.check_may_decide(request_id=click.object_id, reviewer=user, at=at)
        request = reading.request_seen_by(user, click.object_id, at=at)
        title, facts = composing.sketch(request, at=at)
    else:
        grant = _own_grant(click.object_id, user, at=at)
        title, facts = f"Your access to {grant.role.name}", (Fact("Until", grant.ends_at),)
    return blocks.dialog(
        click.deed, click.object_id, title=title, facts=facts, at_home=click.at_home
    )


def do(said: Submission, user: User, *, by: Actor, at: datetime) -> None:
    """What the dialog says, with the refusals of that use case."""
    if said.deed in _DECISIONS:
        reviewing.submit_review(
            request_id=said.object_id,
            reviewer=user,
            decision=_DECISIONS[said.deed],
            reason=said.reason,
            start_time=said.start_time,
            by=by,
            at=at,
        )
    elif said.deed is Deed.GIVE_BACK:
        granting.end_grant(grant_id=said.object_id, user=user, reason=said.reason, by=by, at=at)
    else:
        _extend(said, user, by=by, at=at)


def fields_of(refusal: InvalidInput, deed: Deed) -> dict[str, str]:
    """The sentence of the refusal at the field of this dialog that it is about, if it has it."""
    named = [*refusal.errors, _FIELD_OF.get(refusal.code)]
    field = next((name for name in named if name in _FIELDS[deed]), None)
    return {field: refusal.detail} if field else {}


def _extend(said: Submission, user: User, *, by: Actor, at: datetime) -> None:
    grant = _own_grant(said.object_id, user, at=at)
    wish = Wish(
        roles=(grant.role.name,),
        reason=said.reason,
        duration=parse_duration(said.duration.strip()) if said.duration.strip() else None,
    )
    asking.create_request(wish=wish, author=user, extends=grant.pk, by=by, at=at)


def _own_grant(grant_id: UUID, user: User, *, at: datetime) -> Grant:
    grant = reading.grant_seen_by(user, grant_id, at=at)
    if grant.user_id != user.pk:
        raise NotPermitted("Only its holder may do this.")
    if grant.is_over(at):
        raise Conflict(f"This access is {grant.state_at(at)} already.")
    return grant
