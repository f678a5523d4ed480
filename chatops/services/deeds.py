"""What people do through a channel: what it needs to be told, and the deed itself."""

from datetime import datetime
from typing import Protocol
from uuid import UUID

from django.utils.translation import gettext as _

from accessplane.lib.actors import Actor
from accessplane.lib.durations import parse_duration
from accessplane.lib.errors import Conflict, InvalidInput, NotPermitted
from chatops import composing
from chatops.channels.inbound import DURATION, REASON, START, Sheet
from chatops.messages import Deed, Fact
from identity.models import User
from requests_app.models import Grant
from requests_app.planning import Wish
from requests_app.services import asking, granting, reading
from requests_app.states import already
from reviews.services import reviewing
from reviews.thresholds import Decision

_DECISIONS = {Deed.APPROVE: Decision.APPROVE, Deed.DENY: Decision.DENY}
_FIELDS = {
    Deed.APPROVE: (REASON, START),
    Deed.DENY: (REASON,),
    Deed.EXTEND: (DURATION, REASON),
    Deed.GIVE_BACK: (REASON,),
}
_FIELD_OF = {
    "reason_required": REASON,
    "reason_pattern": REASON,
    "reason_too_long": REASON,
    "start_time_in_past": START,
    "start_time_too_far": START,
    "invalid_duration": DURATION,
    "duration_too_long": DURATION,
}


class Words(Protocol):
    """What somebody wrote about a deed; what was left empty is an empty text, or no moment."""

    @property
    def reason(self) -> str: ...

    @property
    def duration(self) -> str: ...

    @property
    def start_time(self) -> datetime | None: ...


def sheet_for(deed: Deed, object_id: UUID, user: User, *, by: Actor, at: datetime) -> Sheet:
    """What a dialog for the deed shows and asks; refused as the deed would be, if that is clear."""
    if deed in _DECISIONS:
        reviewing.check_may_decide(
            request_id=object_id, reviewer=user, decision=_DECISIONS[deed], by=by, at=at
        )
        request = reading.request_seen_by(user, object_id, at=at)
        title, facts = composing.sketch(request, at=at)
    else:
        grant = _own_grant(object_id, user, at=at)
        title, facts = (
            _("Your access to %(role)s") % {"role": grant.role.name},
            (Fact(_("Until"), grant.ends_at),),
        )
    return Sheet(
        deed=deed, object_id=object_id, title=title, facts=tuple(facts), fields=_FIELDS[deed]
    )


def do(
    deed: Deed, object_id: UUID, words: Words, *, user: User, by: Actor, at: datetime
) -> None:
    """The deed, with the refusals of its use case."""
    if deed in _DECISIONS:
        reviewing.submit_review(
            request_id=object_id,
            reviewer=user,
            decision=_DECISIONS[deed],
            reason=words.reason,
            start_time=words.start_time,
            by=by,
            at=at,
        )
    elif deed is Deed.GIVE_BACK:
        granting.end_grant(grant_id=object_id, user=user, reason=words.reason, by=by, at=at)
    else:
        _extend(object_id, words, user, by=by, at=at)


def field_of(refusal: InvalidInput, deed: Deed) -> str:
    """The field of this deed's dialog that the refusal is about; empty if it is about none."""
    named = [*refusal.errors, _FIELD_OF.get(refusal.code)]
    return next((name for name in named if name and name in _FIELDS[deed]), "")


def _extend(grant_id: UUID, words: Words, user: User, *, by: Actor, at: datetime) -> None:
    grant = _own_grant(grant_id, user, at=at)
    wanted = words.duration.strip()
    wish = Wish(
        roles=(grant.role.name,),
        reason=words.reason,
        duration=parse_duration(wanted) if wanted else None,
    )
    asking.create_request(wish=wish, author=user, extends=grant.pk, by=by, at=at)


def _own_grant(grant_id: UUID, user: User, *, at: datetime) -> Grant:
    grant = reading.grant_seen_by(user, grant_id, at=at)
    if grant.user_id != user.pk:
        raise NotPermitted(_("Only its holder may do this."))
    if grant.is_over(at):
        raise Conflict(
            _("This access is %(state)s already.") % {"state": already(grant.state_at(at))}
        )
    return grant
