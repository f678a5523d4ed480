"""What the pages for judging show beside the request itself."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.functional import Promise
from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accessplane.lib.actors import Actor
from accessplane.lib.durations import in_words
from identity.subject import Subject
from policy.verdicts import CheckState
from requests_app import page_data, shown
from requests_app.models import AccessRequest
from requests_app.selectors import visible_to
from requests_app.services import reading
from requests_app.shown import ShownRequest
from reviews import selectors
from reviews.hints import RECENT, Asked, Earlier, Hint, Sign, hints_of

_LAST_SHOWN = 3
_SETTLED = {"APPROVED", "DENIED"}
_WORDS: Mapping[Sign, str | Promise] = {
    Sign.FIRST_TIME: gettext_lazy("No earlier request of {who} for {names}"),
    Sign.DENIED_LATELY: gettext_lazy("{who} was denied {names} on {moment}"),
    Sign.LONGER_THAN_BEFORE: gettext_lazy(
        "Longer than {who} has asked for before, which was {length} at most"
    ),
    Sign.NO_REASON: gettext_lazy("No reason is given"),
    Sign.ASKED_BY_ANOTHER: gettext_lazy("{other} asked for this, not {who}"),
    Sign.CHECK_HELD: gettext_lazy("The check {names} could not be asked"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownHint:
    """A hint as a sentence with places, as a timeline's entries are."""

    sign: Sign
    words: str | Promise
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Before:
    """What the requester asked for before, as far as the viewer may see it."""

    lately: int
    last: Earlier | None
    latest: Sequence[Earlier]


def judged(subject: Subject, request_id: UUID, *, by: Actor, at: datetime) -> dict[str, Any]:
    """One request with what helps to judge it; `NotFound` if the subject may not see it."""
    found = reading.request_shown_to(subject, request_id, at=at)
    earlier = selectors.earlier_than(subject, found.requester.pk, found.created_at, at=at)
    is_whole = len(earlier) < selectors.EARLIER_SEEN
    hints = hints_of(_asked(found), earlier, is_whole=is_whole)
    shown_here = page_data.one_request(subject, found, by=by, at=at)
    return shown_here | {
        "before_deciding": _(
            "This role is sensitive: approving asks for your second factor first. "
            "What you write is kept."
        )
        if shown_here["powers"].prove
        else "",
        "hints": [_shown(hint, found) for hint in hints],
        "before": Before(
            lately=sum(one.created_at > found.created_at - RECENT for one in earlier),
            last=next((one for one in earlier if one.state in _SETTLED), None),
            latest=earlier[:_LAST_SHOWN],
        ),
    }


def rows_among(
    subject: Subject, ids: Iterable[UUID], *, at: datetime
) -> dict[UUID, dict[str, Any]]:
    """Those of the requests that the subject may see, as lists show them, by id."""
    wanted = list(ids)
    visible = visible_to(subject, AccessRequest.objects.filter(pk__in=wanted))
    seen = set(visible.values_list("pk", flat=True))
    found = shown.requests([pk for pk in wanted if pk in seen])
    return {row["id"]: row for row in page_data.rows_of(found, at=at)}


def _asked(found: ShownRequest) -> Asked:
    return Asked(
        roles=found.roles,
        reason=found.reason,
        duration=found.duration,
        requester=found.requester.email,
        author=found.author.email,
        created_at=found.created_at,
        held=[
            check.name
            for check in found.all_checks
            if check.state == CheckState.PENDING and check.problem
        ],
    )


def _shown(hint: Hint, found: ShownRequest) -> ShownHint:
    values: dict[str, Any] = {"who": found.requester.email, "other": hint.person}
    if hint.names:
        values["names"] = get_text_list(list(hint.names), _("and"))
    if hint.length is not None:
        values["length"] = in_words(hint.length)
    if hint.moment is not None:
        values["moment"] = hint.moment
    return ShownHint(sign=hint.sign, words=_WORDS[hint.sign], values=values)
