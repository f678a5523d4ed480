"""What the pages about requests show, for all doors that show them."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils.text import get_text_list
from django.utils.translation import gettext as _

from accessplane.lib.actors import Actor
from accessplane.lib.instants import text_of
from identity.models import User
from identity.selectors import proof_lacking, roles_named, subject_of, users_named
from identity.subject import Subject
from requests_app import representations, selectors, telling
from requests_app.reviewers import reviewer_names
from requests_app.services import reading
from requests_app.shown import ShownGrant, ShownRequest
from requests_app.states import RequestState
from requests_app.timeline import Entry, timeline_of

_NAMED = 3  # roles in a sentence

# Whoever has one of these rights finds something in the admin (ADR 0025).
_SHOWN_IN_ADMIN = [
    *((kind, "read") for kind in (
        "access_request", "grant", "user", "role", "workflow", "channel", "route", "event", "token",
    )),
    *((kind, "update") for kind in ("access_request", "channel", "route")),
    *((kind, "revoke") for kind in ("grant", "token")),
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Title:
    """A role as people know it."""

    name: str
    title: str
    description: str = ""


@dataclass(frozen=True, slots=True)
class Need:
    """What some of the requested roles need: one of `options`, which are thresholds."""

    roles: list[str]
    options: list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Known:
    """Somebody with an address, and with a name if it is known; `is_open`: the viewer sees the page."""

    email: str
    name: str = ""
    is_open: bool = False

    @property
    def page(self) -> str:
        """Where the person is shown, if that is for the viewer."""
        return reverse("person-page", args=[self.email]) if self.is_open else ""

    def get_short_name(self) -> str:
        """What to call the person in a sentence."""
        return self.name or self.email


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewerSeen:
    """Somebody who decided about a request, or may; `decision` is empty until then."""

    email: str
    decision: str
    has_commented: bool
    is_suggested: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Powers:
    """What the viewer may do with one request at this moment."""

    cancel: bool
    review: bool
    comment: bool
    force: bool
    revoke: bool
    # Approving takes a second factor first, for the want of a fresh proof of one.
    prove: bool


def common(subject: Subject, *, at: datetime) -> dict[str, Any]:
    """What every page shows: the moment, what waits for the viewer, and where he may go."""
    return navigation(subject) | {
        "at": at,
        "waiting": selectors.inbox_of(subject, at).count(),
    }


def navigation(subject: Subject) -> dict[str, Any]:
    """Which addresses the navigation offers beside those that are for everybody."""
    return {
        "sees_channels": any(subject.may(verb, "channel") for verb in ("read", "update")),
        "sees_insights": all(
            subject.may("read", resource) for resource in ("access_request", "grant")
        ),
        "sees_workflows": subject.may("read", "workflow"),
        "enters_admin": not subject.is_bot
        and any(subject.may(verb, kind) for kind, verb in _SHOWN_IN_ADMIN),
    }


def titles_of(names: Iterable[str]) -> dict[str, Title]:
    """The titles of these roles, by name."""
    wanted = sorted(set(names))
    known = roles_named(wanted)
    return {
        name: Title(name, role.title, role.description)
        if (role := known.get(name))
        else Title(name, name)
        for name in wanted
    }


def what_of(titles: Sequence[Title]) -> str:
    """What is asked for, as a sentence names it: "dba and staging-web", or how many roles."""
    if len(titles) > _NAMED:
        return _("%(count)s roles") % {"count": len(titles)}
    return get_text_list([role.title for role in titles], _("and"))


def rows_of(requests: Sequence[ShownRequest], *, at: datetime) -> list[dict[str, Any]]:
    """The requests as lists show them, each with its `person`."""
    documents = representations.request_rows(requests, at=at)
    titles = titles_of(name for request in requests for name in request.roles)
    return [
        document
        | {
            "person": request.requester,
            "titles": [titles[name] for name in document["roles"]],
        }
        for request, document in zip(requests, documents, strict=True)
    ]


def request_page(
    user: User, request_id: UUID, *, by: Actor | None = None, at: datetime
) -> dict[str, Any]:
    """All that the page of one request shows to this viewer, who would act as `by`, if at all;
    `NotFound` if he may not see it."""
    subject = subject_of(user, at=at)
    found = reading.request_shown_to(subject, request_id, at=at)
    timeline = _timeline(subject, found)
    return common(subject, at=at) | one_request(subject, found, timeline, by=by, at=at)


def one_request(
    subject: Subject,
    found: ShownRequest,
    timeline: Sequence[Entry] = (),
    *,
    by: Actor | None = None,
    at: datetime,
) -> dict[str, Any]:
    """What is shown of a request to somebody who may see it, whatever else is on the page."""
    document = representations.request_document(found, reviewer_names(found), at=at)
    decisions = _decisions(document["reviews"])
    reviewers = _reviewers_seen(document, decisions)
    powers = _powers(subject, found, decisions, by, at=at)
    titles = titles_of(found.roles)
    return {
        "request_id": found.id,
        "requester": found.requester,
        "original_id": found.extends.request_id if found.extends else None,
        "document": document,
        "titles": list(titles.values()),
        "what": what_of(list(titles.values())),
        "needs": needs_of(found.judgement, document["thresholds"]),
        "reviewers": reviewers,
        "grants": [_grant(one, titles, subject, powers, at=at) for one in found.all_grants],
        "timeline": timeline,
        "people": _people(subject, found, _named_in(found, document, reviewers, timeline)),
        "powers": powers,
        "is_own": selectors.is_own(subject, found),
        "own_decision": decisions.get(subject.email),
    }


def _timeline(subject: Subject, found: ShownRequest) -> list[Entry]:
    """What happened to the request, and to its grants where that is for this viewer."""
    seen = found.all_grants if _sees_grants(subject, found) else []
    objects = [found.id, *(grant.id for grant in seen)]
    return timeline_of(objects, telling.messages_about(subject, objects))


def people_named(emails: Iterable[str], *, opened: Collection[str] = ()) -> dict[str, Known]:
    """Those of the people who exist, by address (one statement); the viewer sees the pages of
    those among `opened`."""
    return {
        email: Known(email, user.display_name, is_open=email in opened)
        for email, user in users_named(emails).items()
    }


def _people(subject: Subject, found: ShownRequest, emails: set[str]) -> dict[str, Known]:
    """The people whom the page names; whoever sees a request sees the page of who asks."""
    opened = emails if subject.may("read", "user") else {found.requester.email, subject.email}
    return people_named(emails, opened=opened)


def needs_of(judgement: Any, thresholds: Sequence[dict[str, Any]]) -> list[Need]:
    """Each set of thresholds once, with the roles that need it: OR inside a set, AND between."""
    roles_by_set: dict[tuple[int, ...], list[str]] = {}
    for role in judgement["by_role"]:
        for a_set in role["sets"]:
            roles_by_set.setdefault(tuple(a_set), []).append(role["role"])
    return [
        Need(list(dict.fromkeys(roles)), [thresholds[index] for index in a_set])
        for a_set, roles in roles_by_set.items()
    ]


def _decisions(reviews: Sequence[dict[str, Any]]) -> dict[str, str]:
    """Who has decided what; comments aside."""
    return {r["reviewer"]: r["decision"] for r in reviews if r["decision"] != "COMMENT"}


def _reviewers_seen(document: dict[str, Any], decisions: dict[str, str]) -> list[ReviewerSeen]:
    """Who decided, and while it is pending who may: those who did first, then who was asked first."""
    suggested = document["suggested_reviewers"]
    pending = document["state"] == RequestState.PENDING
    commented = {review["reviewer"] for review in document["reviews"]}.difference(decisions)
    possible = document["possible_reviewers"] if pending else []
    found = [
        ReviewerSeen(
            email=email,
            decision=decisions.get(email, ""),
            has_commented=email in commented,
            is_suggested=email in suggested,
        )
        for email in dict.fromkeys([*decisions, *possible])
    ]
    return sorted(found, key=lambda one: (not one.decision, not one.is_suggested))


def _named_in(
    found: ShownRequest,
    document: dict[str, Any],
    reviewers: Sequence[ReviewerSeen],
    timeline: Sequence[Entry],
) -> set[str]:
    """The addresses of all people whom the page names."""
    named = {found.requester.email, found.author.email, *(one.email for one in reviewers)}
    named.update(review["reviewer"] for review in document["reviews"])
    named.update(email for entry in timeline for email in entry.people)
    return named | ({found.owner_email} if found.owner_email else set())


def _powers(
    subject: Subject,
    request: ShownRequest,
    decisions: dict[str, str],
    by: Actor | None,
    *,
    at: datetime,
) -> Powers:
    pending = request.state_at(at) == RequestState.PENDING
    own, judges = selectors.is_own(subject, request), selectors.may_judge(subject, request)
    review = pending and judges and subject.email not in decisions
    force = pending and not own and subject.may_statically("update", "access_request")
    prove = by is not None and (review or force) and proof_lacking(request.roles, by, at=at)
    return Powers(
        cancel=pending and request.requester.pk == subject.id,
        review=review,
        comment=pending,
        force=force,
        prove=prove,
        revoke=not pending and (subject.may("revoke", "grant") or judges),
    )


def _sees_grants(subject: Subject, request: ShownRequest) -> bool:
    """Whether what happened to the grants is for this viewer as well (SEMANTICS 5.5)."""
    return (
        subject.id in {request.requester.pk, request.author.pk}
        or subject.may("read", "grant")
        or subject.may("revoke", "grant")
        or selectors.may_judge(subject, request)
    )


def _grant(
    grant: ShownGrant,
    titles: dict[str, Title],
    viewer: Subject,
    powers: Powers,
    *,
    at: datetime,
) -> dict[str, Any]:
    is_over = grant.is_over(at)
    is_holder = grant.user_id == viewer.id
    return {
        "id": grant.id,
        "role": grant.role_name,
        "title": titles[grant.role_name].title,
        "state": str(grant.state_at(at)),
        "starts_at": text_of(grant.starts_at),
        "ends_at": text_of(grant.closed_at or grant.ends_at),
        "reason": grant.closed_reason,
        "may_end": is_holder and not is_over,
        "may_extend": is_holder and not is_over,
        "may_revoke": powers.revoke and not is_holder and not is_over,
    }
