"""What the pages about requests show, for all doors that show them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from accessplane.lib.instants import text_of
from identity.models import User
from identity.selectors import roles_named, subject_of
from identity.subject import Subject
from requests_app import representations, selectors
from requests_app.models import AccessRequest
from requests_app.services import reading
from requests_app.shown import ShownGrant, ShownRequest
from requests_app.states import RequestState
from requests_app.timeline import timeline_of


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Powers:
    """What the viewer may do with one request at this moment."""

    cancel: bool
    review: bool
    comment: bool
    force: bool
    revoke: bool


def common(subject: Subject, *, at: datetime) -> dict[str, Any]:
    """What every page shows: the moment, what waits for the viewer, and where he may go."""
    return navigation(subject) | {
        "at": at,
        "waiting": selectors.inbox_of(subject, at).count(),
    }


def navigation(subject: Subject) -> dict[str, Any]:
    """Which addresses the navigation offers beside those that are for everybody."""
    return {"sees_channels": any(subject.may(verb, "channel") for verb in ("read", "update"))}


def titles_of(names: Iterable[str]) -> dict[str, Title]:
    """The titles of these roles, by name."""
    wanted = sorted(set(names))
    known = roles_named(wanted)
    return {
        name: Title(name, role.labels.get("title") or name, role.description)
        if (role := known.get(name))
        else Title(name, name)
        for name in wanted
    }


def rows_of(requests: Sequence[ShownRequest], *, at: datetime) -> list[dict[str, Any]]:
    """The requests as lists show them."""
    documents = representations.request_rows(requests, at=at)
    titles = titles_of(name for request in requests for name in request.roles)
    return [
        document | {"titles": [titles[name] for name in document["roles"]]}
        for document in documents
    ]


def request_page(user: User, request_id: UUID, *, at: datetime) -> dict[str, Any]:
    """All that the page of one request shows to this viewer; `NotFound` if he may not see it."""
    found = reading.request_seen_by(user, request_id, at=at)
    subject = subject_of(user, at=at)
    reviewers = selectors.reviewer_names(found)
    document = representations.request_document(found, reviewers, at=at)
    decisions = _decisions(document["reviews"])
    powers = _powers(subject, found, at=at)
    titles = titles_of(found.roles)
    grants = found.all_grants
    seen = grants if powers.revoke or _sees_grants(subject, found) else []
    return common(subject, at=at) | {
        "request_id": found.id,
        "requester": found.requester,
        "original_id": found.extends.request_id if found.extends else None,
        "document": document,
        "titles": list(titles.values()),
        "needs": needs_of(found.judgement, document["thresholds"]),
        "decisions": decisions,
        "grants": [_grant(grant, titles, user, powers, at=at) for grant in grants],
        "timeline": timeline_of([found.id, *(grant.id for grant in seen)]),
        "powers": powers,
        "is_own": selectors.is_own(subject, found),
        "own_decision": decisions.get(user.email),
    }


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


def _powers(subject: Subject, request: ShownRequest, *, at: datetime) -> Powers:
    pending = request.state_at(at) == RequestState.PENDING
    own = selectors.is_own(subject, request)
    one = AccessRequest.objects.filter(pk=request.id)
    return Powers(
        cancel=pending and request.requester.pk == subject.id,
        review=pending and selectors.inbox_of(subject, at, one).exists(),
        comment=pending,
        force=pending and not own and subject.may_statically("update", "access_request"),
        revoke=not pending
        and (subject.may("revoke", "grant") or (not own and _may_judge(subject, request))),
    )


def _sees_grants(subject: Subject, request: ShownRequest) -> bool:
    """Whether what happened to the grants is for this viewer as well (SEMANTICS 5.5)."""
    asked = subject.id in {request.requester.pk, request.author.pk}
    return asked or subject.may("read", "grant")


def _may_judge(subject: Subject, request: ShownRequest) -> bool:
    one = AccessRequest.objects.filter(pk=request.id)
    reviewable = selectors.reviewable_by(subject, one)
    return reviewable is not None and one.filter(pk__in=reviewable).exists()


def _grant(
    grant: ShownGrant, titles: dict[str, Title], viewer: User, powers: Powers, *, at: datetime
) -> dict[str, Any]:
    is_over = grant.is_over(at)
    is_holder = grant.user_id == viewer.pk
    return {
        "id": grant.id,
        "role": grant.role_name,
        "title": titles[grant.role_name].title,
        "state": str(grant.state_at(at)),
        "starts_at": text_of(grant.starts_at),
        "ends_at": text_of(grant.closed_at or grant.ends_at),
        "reason": grant.closed_reason,
        "may_end": is_holder and not is_over,
        "may_revoke": powers.revoke and not is_holder and not is_over,
    }
