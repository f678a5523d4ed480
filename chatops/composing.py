"""What to say of an event: the facts from how things stand, the sentences from templates.

An operator's own sentences stand in `chatops/messages/<audience>/<event type>.txt` below the
directory that `ACCESSPLANE_TEMPLATES` names: the title in the first line, the news below it.
Those of a reminder stand in `reminder.txt`.
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.conf import settings
from django.template import Context, Engine
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accessplane.lib.durations import in_words
from accessplane.lib.instants import moment_from, spoken
from accessplane.lib.words import either, listed
from audit.models import LedgerEntry
from chatops.messages import Audience, Deed, Fact, Message, Mood
from identity.selectors import users_named
from policy.verdicts import CheckState
from requests_app import shown
from requests_app.shown import ShownRequest, ShownReview
from requests_app.states import RequestState

_MOODS = {
    RequestState.PENDING: Mood.WAITING,
    RequestState.APPROVED: Mood.GOOD,
    RequestState.DENIED: Mood.BAD,
}
_HOUR, _MINUTE = timedelta(hours=1), timedelta(minutes=1)
_DECIDED = {
    "APPROVE": gettext_lazy("%(who)s approved"),
    "DENY": gettext_lazy("%(who)s denied"),
    "COMMENT": gettext_lazy("%(who)s commented"),
}
_ANSWERED = {
    CheckState.PENDING: gettext_lazy("no answer yet"),
    CheckState.PASSED: gettext_lazy("passed"),
    CheckState.SKIPPED: gettext_lazy("nothing to say"),
    CheckState.FAILED: gettext_lazy("failed"),
}
# Of which news of a grant its holder can still do something about it.
_OPEN = {"grant.started", "grant.extended", "grant.ending_soon"}


log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """What there is to tell of; `names` are what to call people, by their addresses."""

    event: Mapping[str, Any]
    audience: Audience
    request: ShownRequest
    names: Mapping[str, str]
    at: datetime
    in_place_of: str = ""
    is_reminder: bool = False

    @property
    def is_pending(self) -> bool:
        return self.request.state_at(self.at) == RequestState.PENDING

    def who(self, email: str) -> str:
        """What to call the person of this address."""
        return self.names.get(email, email)

    def who_said(self, decision: str) -> str:
        """The people of these reviews, in a row."""
        said = [r.reviewer_email for r in self.request.all_reviews if r.decision == decision]
        return listed([self.who(email) for email in said])


def compose(
    entry: LedgerEntry,
    audience: Audience,
    conversation: UUID,
    *,
    at: datetime,
    in_place_of: str = "",
    is_reminder: bool = False,
) -> Message:
    """The message of an event for this audience, as things stand at this moment.

    `in_place_of` is the address of who is away. Two statements for news of a request or a
    grant, none for any other.
    """
    event = entry.document()
    if event["about"]["kind"] not in {"access_request", "grant"}:
        return _notice(event, audience, conversation)
    (request,) = shown.requests([conversation])
    scene = Scene(
        event=event,
        audience=audience,
        request=request,
        names=_names(event, request, in_place_of),
        at=at,
        in_place_of=in_place_of,
        is_reminder=is_reminder,
    )
    return message_of(scene)


def message_of(scene: Scene) -> Message:
    """The message of what is known already; no statement."""
    request, about = scene.request, scene.event["about"]["id"]
    title, news = _sentences(scene)
    deeds = _deeds(scene)
    return Message(
        event=scene.event,
        audience=scene.audience,
        conversation=request.id,
        title=title,
        news=news,
        facts=tuple(_facts(scene)),
        mood=_MOODS.get(request.state_at(scene.at), Mood.OVER),
        deeds=deeds,
        object_id=UUID(about),
        link=f"{settings.ACCESSPLANE_PUBLIC_URL}/requests/{request.id}",
        more_time=f"{settings.ACCESSPLANE_PUBLIC_URL}/requests/new?extends={about}"
        if Deed.EXTEND in deeds
        else "",
    )


def sketch(request: ShownRequest, *, at: datetime) -> tuple[str, tuple[Fact, ...]]:
    """Who asks for what, and how it stands: for whoever is about to decide, or looks at a list."""
    event = {
        "type": "access_request.created",
        "data": {},
        "actor": {"kind": "user", "name": request.author.email},
    }
    scene = Scene(
        event=event,
        audience=Audience.ROOM,
        request=request,
        names=_names(event, request),
        at=at,
    )
    return _sentences(scene)[0], tuple(_facts(scene))


def _notice(event: Mapping[str, Any], audience: Audience, conversation: UUID) -> Message:
    """News that is not of a request: in the words of the log."""
    return Message(
        event=event,
        audience=audience,
        conversation=conversation,
        title=f"{event['type']}: {event['about']['name']}",
        news=_("By %(actor)s.") % {"actor": event["actor"]["name"]},
        link=settings.ACCESSPLANE_PUBLIC_URL,
    )


def _names(
    event: Mapping[str, Any], request: ShownRequest, in_place_of: str = ""
) -> dict[str, str]:
    emails = {event["actor"]["name"], request.requester.email, request.author.email}
    emails |= {in_place_of} if in_place_of else set()
    emails |= {review.reviewer_email for review in request.all_reviews}
    return {email: user.get_short_name() for email, user in users_named(emails).items()}


def _sentences(scene: Scene) -> tuple[str, str]:
    """The title and the news; an audience without words of its own gets those for a room."""
    name = "reminder.txt" if scene.is_reminder else f"{scene.event['type']}.txt"
    room = Audience.ROOM.lower()
    names = [
        f"chatops/messages/{scene.audience.lower()}/{name}",
        f"chatops/messages/{room}/{name}",
    ]
    words = Context(_words(scene))
    try:
        text = _engine(settings.ACCESSPLANE_TEMPLATES).select_template(names).render(words)
    except Exception:
        # An operator's slip costs the wording of a message, never the message.
        log.exception("The templates of %s are not to be used as they are.", name)
        text = _engine("").select_template(names).render(words)
    title, _, news = text.strip().partition("\n")
    return title.strip(), " ".join(news.split())


def _words(scene: Scene) -> dict[str, Any]:
    """What the templates may use."""
    request, data = scene.request, scene.event["data"]
    ends = [grant.gives_until for grant in request.all_grants]
    return {
        "data": data,
        "request": request,
        "actor": scene.who(scene.event["actor"]["name"]),
        "requester": scene.who(request.requester.email),
        "author": scene.who(request.author.email),
        "reviewer": scene.who(data.get("reviewer", "")),
        "approvers": scene.who_said("APPROVE"),
        "deniers": scene.who_said("DENY"),
        "roles": listed(request.roles),
        "duration": in_words(request.duration),
        "waits_until": spoken(request.waits_until),
        "left": in_words(_rounded(request.waits_until - scene.at)),
        "needed": _needed(request),
        "until": spoken(max(ends)) if ends else "",
        "starts": spoken(request.start_time) if request.start_time else "",
        "begins": _spoken(data.get("starts_at")),
        "ends": _spoken(data.get("ends_at")),
        "by_the_clock": scene.event["actor"]["kind"] == "system",
    }


def _rounded(left: timedelta) -> timedelta:
    """Whole hours, or whole minutes where it is less than one."""
    unit = _HOUR if left >= _HOUR else _MINUTE
    return left // unit * unit


def _spoken(text: Any) -> str:
    moment = moment_from(text)
    return spoken(moment) if moment else ""


@lru_cache(maxsize=4)
def _engine(own: str) -> Engine:
    """Templates of plain text: what escaping is needed, each channel knows."""
    shipped = str(settings.BASE_DIR / "templates")
    return Engine(
        dirs=[own, shipped] if own else [shipped],
        autoescape=False,
        builtins=["django.templatetags.i18n"],
    )


def _facts(scene: Scene) -> list[Fact]:
    """How things stand, in the order in which somebody who decides wants to know."""
    request = scene.request
    facts = [Fact(_("Roles"), listed(request.roles))]
    if scene.in_place_of:
        facts.insert(0, Fact(_("In place of"), scene.who(scene.in_place_of)))
    if request.reason.strip():
        facts.append(Fact(_("Reason"), request.reason.strip()))
    facts.append(Fact(_("For"), in_words(request.duration)))
    if request.start_time is not None:
        facts.append(Fact(_("From"), request.start_time))
    if scene.is_pending:
        facts.append(Fact(_("Waits until"), request.waits_until))
        facts.append(Fact(_("Needed"), _needed(request)))
    facts += [Fact(_("Review"), _review(scene, review)) for review in request.all_reviews]
    facts += [
        Fact(
            _("Check %(name)s") % {"name": check.name},
            check.reason or str(_ANSWERED[CheckState(check.state)]),
        )
        for check in request.all_checks
    ]
    if request.all_grants:
        facts.append(Fact(_("Until"), max(grant.gives_until for grant in request.all_grants)))
    return facts


def _needed(request: ShownRequest) -> str:
    """What the thresholds ask for, and how much is there: OR inside a set, AND between sets."""
    thresholds = request.judgement["thresholds"]
    by_role = request.judgement["by_role"]
    sets = dict.fromkeys(tuple(a_set) for role in by_role for a_set in role["sets"])
    said = [
        either([_progress(thresholds[index], index, request) for index in a_set])
        for a_set in sets
    ]
    return listed(said)


def _progress(threshold: Mapping[str, Any], index: int, request: ShownRequest) -> str:
    parts = threshold["all_of"] or [threshold]
    wanted = sum(part["approve"] for part in parts)
    given = sum(
        review.decision == "APPROVE" and any(number == index for number, _ in review.met)
        for review in request.all_reviews
    )
    name = f" ({threshold['name']})" if threshold["name"] else ""
    said = ngettext(
        "%(given)s of %(wanted)s approval", "%(given)s of %(wanted)s approvals", wanted
    )
    return said % {"given": given, "wanted": wanted} + name


def _review(scene: Scene, review: ShownReview) -> str:
    said = str(_DECIDED[review.decision] % {"who": scene.who(review.reviewer_email)})
    return f"{said}: {review.reason.strip()}" if review.reason.strip() else said


def _deeds(scene: Scene) -> tuple[Deed, ...]:
    if scene.audience != Audience.REQUESTER:
        return (Deed.APPROVE, Deed.DENY) if scene.is_pending else ()
    if scene.event["type"] not in _OPEN:
        return ()
    about = scene.event["about"]["id"]
    is_open = any(
        str(grant.id) == about and not grant.is_over(scene.at)
        for grant in scene.request.all_grants
    )
    return (Deed.EXTEND, Deed.GIVE_BACK) if is_open else ()
