"""Explaining: who would have to agree to a request, and why one is refused (SEMANTICS 5.7, 10)."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from django.utils.translation import gettext as _

from accessplane.lib.errors import DomainError, InvalidInput, NotPermitted
from identity.conditions import RequestFacts
from identity.models import User
from identity.role_spec import RoleSpec
from identity.selectors import subject_of, users_named
from identity.subject import Subject
from identity.user_spec import normalised_email
from policy.facts import Facts
from policy.selectors import binding
from policy.services import Planned
from policy.verdicts import STATE_OF, CheckState
from requests_app import explaining, planning, reviewers
from requests_app.explaining import Explanation, KnownCheck, Outlook, Refusal
from requests_app.planning import Permitting, Wish
from requests_app.sentences import NAMES_SHOWN
from requests_app.services import asking
from requests_app.services.asking import Draft

# Where a reason is required and not given yet, conditions on who may review are told of one.
A_REASON = "a reason"


def may_explain_others(viewer: Subject) -> bool:
    """Whether the subject may ask about somebody else: he sees users and roles anyway."""
    return viewer.may("read", "user") and viewer.may("read", "role")


def explain_request(
    *,
    wish: Wish,
    about: str | None,
    caller: User,
    extends: UUID | None = None,
    at: datetime,
) -> Explanation:
    """What would come of the user `about`, or the caller, making this request for oneself.

    `extends` is the user's own grant that it would make longer.

    Raises `NotPermitted` for somebody else without the verbs, before it says (`InvalidInput`)
    that there is no such user. What the request itself would meet is part of the answer. It
    stores nothing and, as a dry run, asks no workflow but the expressions.
    """
    viewer = subject_of(caller, at=at)
    user = _asked_about(caller, viewer, about)
    subject = _subject_seen_by(viewer, user, at=at)
    draft, refusal = _tried(wish, user, viewer, extends, at=at)
    names = draft.plan.roles if draft else _names(wish, subject)
    requested, reviewing = reviewers.requested_and_reviewing(names) if names else ({}, [])
    tells_all = viewer.may("read", "role")
    roles = tuple(
        explaining.standing_of(subject, name, existing=requested, tells_all=tells_all)
        for name in names
    )
    possible = bool(roles) and all(role.requestable and role.exists for role in roles)
    wish = replace(wish, roles=tuple(names))
    return Explanation(
        user=user.email,
        name="" if user == caller else user.get_short_name(),
        refusal=refusal,
        roles=roles,
        outlook=_outlook(wish, user, subject, draft, list(requested.values()), reviewing, at=at)
        if possible
        else None,
    )


def _asked_about(caller: User, viewer: Subject, about: str | None) -> User:
    """Whose request it is: the verbs are looked at before the person."""
    email = normalised_email(about or caller.email)
    if email == caller.email:
        return caller
    if not may_explain_others(viewer):
        raise NotPermitted(_("You may ask about yourself only."))
    user = users_named([email]).get(email)
    if user is None or not user.is_active:
        sentence = _("There is no active user %(email)s.") % {"email": email[:254]}
        raise InvalidInput(sentence, errors={"user": [sentence]})
    return user


def _subject_seen_by(viewer: Subject, user: User, *, at: datetime) -> Subject:
    """The user with the roles that the viewer may know of: grants of others are their own matter."""
    if user.pk == viewer.id:
        return viewer
    subject = subject_of(user, at=at)
    return subject if viewer.may("read", "grant") else replace(subject, elevated=())


def _tried(
    wish: Wish, user: User, viewer: Subject, extends: UUID | None, *, at: datetime
) -> tuple[Draft | None, Refusal | None]:
    """What making the request would come to, or what it would be refused with.

    That somebody else asked for the same before is told to those who see all requests alone.
    """
    try:
        draft = asking.draft_request(wish=wish, author=user, extends=extends, at=at)
    except DomainError as refusal:
        told = user.pk == viewer.id or viewer.may("read", "access_request")
        if isinstance(refusal, asking.DuplicateRequest) and not told:
            return None, None
        return None, Refusal(code=refusal.code, detail=refusal.detail)
    return asking.foreseen(draft, at=at), None


def _names(wish: Wish, subject: Subject) -> tuple[str, ...]:
    """The names that a refused request is about; `*` alone stands for what it would become."""
    names = sorted(set(wish.roles))
    if names != ["*"]:
        return tuple(names)
    try:
        return asking.all_roles(subject)
    except asking.NoRequestableRoles:
        return ()


def _outlook(
    wish: Wish,
    user: User,
    subject: Subject,
    draft: Draft | None,
    requested: Sequence[RoleSpec],
    reviewing: Sequence[RoleSpec],
    *,
    at: datetime,
) -> Outlook:
    permitting = planning.permitting_roles(subject, wish.roles)
    judgement = planning.judgement_of(permitting)
    duration = wish.duration if draft else None
    conditions = explaining.conditions_of(subject, permitting, requested, duration=duration)
    if draft is not None:
        people, checks = draft.possible_reviewers, draft.checks
    else:
        if conditions.reason_required and not wish.reason.strip():
            wish = replace(wish, reason=A_REASON)
        facts = _facts(wish, subject, permitting, at=at)
        possible = reviewers.possible_reviewers(facts, {user}, reviewing)
        people = [reviewer.email for reviewer in possible]
        checks = _unanswered(facts, subject, conditions.duration, at=at)
    return Outlook(
        conditions=conditions,
        judgement=judgement,
        needs=explaining.needs_of(judgement, permitting),
        possible_reviewers=tuple(people),
        called=names_of(people[:NAMES_SHOWN]),
        checks=tuple(_known(planned) for planned in checks),
    )


def _facts(
    wish: Wish, subject: Subject, permitting: Permitting, *, at: datetime
) -> RequestFacts:
    """What conditions would know of a request that was refused."""
    return RequestFacts(
        roles=wish.roles,
        reason=wish.reason,
        annotations=planning.annotations_of(subject, permitting),
        user=subject.email,
        created_at=at,
    )


def _unanswered(
    facts: RequestFacts, subject: Subject, duration: timedelta, *, at: datetime
) -> list[Planned]:
    """The workflows that would be asked about a refused request; nobody knows their verdicts."""
    shown = Facts(
        request_id=None,
        request=facts,
        duration=duration,
        start_time=None,
        extends=None,
        requester_roles=subject.role_names,
        requester_traits=subject.traits,
    )
    return [Planned(one, None) for one in binding(shown, at=at)]


def names_of(emails: Sequence[str]) -> dict[str, str]:
    """What to call each of these people beside the others; two of one name by their addresses."""
    users = users_named(emails) if emails else {}
    names = Counter(user.get_short_name() for user in users.values())
    return {
        email: user.get_short_name() if names[user.get_short_name()] == 1 else email
        for email, user in users.items()
    }


def _known(planned: Planned) -> KnownCheck:
    verdict = planned.verdict
    return KnownCheck(
        workflow=planned.binding.name,
        state=STATE_OF[verdict.effect] if verdict else CheckState.PENDING,
        reason=verdict.reason if verdict else "",
    )
