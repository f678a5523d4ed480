"""Asking: what a request would come to, making it, taking it back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import CharField, QuerySet
from django.utils.translation import gettext as _

from accessplane.lib.actors import Actor, system
from accessplane.lib.errors import Conflict, InvalidInput, NotFound, NotPermitted
from accessplane.lib.prepared import Prepared
from audit.catalogue import Event
from audit.recorder import record
from identity import requestable
from identity.conditions import RequestFacts
from identity.models import Role, User
from identity.role_spec import RoleSpec, check_role_name
from identity.selectors import (
    requestable_names,
    specs_of,
    static_subject_of,
    subject_of,
    users_named,
)
from identity.subject import Subject
from identity.user_spec import normalised_email
from policy import services
from policy.facts import Facts
from policy.services import Planned, planned_checks
from policy.verdicts import CheckState
from requests_app import lifecycle, planning, reviewers, selectors, telling
from requests_app.models import AccessRequest, Check, Grant
from requests_app.planning import Plan, Terms, Wish
from requests_app.services import timekeeping
from requests_app.states import RequestState

MAX_ROLES = 200
WORKFLOWS = system("workflows")


class NothingRequested(InvalidInput):
    """A request without a role."""

    code = "nothing_requested"


class RoleNotFound(InvalidInput):
    """A role that may be requested, and does not exist."""

    code = "role_not_found"


class NoRequestableRoles(InvalidInput):
    """`*` stands for nothing here."""

    code = "no_requestable_roles"


class UnknownReviewer(InvalidInput):
    """A suggested reviewer who is no active user."""

    code = "unknown_reviewer"


class DuplicateRequest(Conflict):
    """The same person asked for exactly this already."""

    code = "duplicate_request"


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A request that was computed and not made: its plan, and the people of it."""

    requester: User
    author: User
    reason: str
    plan: Plan
    suggested_reviewers: list[str]
    possible_reviewers: list[str]
    shown: Facts
    checks: list[Planned]
    extends: Grant | None = None

    @property
    def recipients(self) -> list[str]:
        """Who would be told: rooms and suggested reviewers, else all who may (SEMANTICS 9.3)."""
        rooms = telling.rooms_for(self.shown)
        told = self.suggested_reviewers or ([] if rooms else self.possible_reviewers)
        people = [email for email in told if email != self.requester.email]
        return list(dict.fromkeys([*rooms, *people]))


@dataclass(frozen=True, slots=True)
class Offer:
    """A role that somebody may ask for, and under which terms."""

    role: Role
    held: bool
    terms: Terms


def offers(subject: Subject, roles: Sequence[Role]) -> list[Offer]:
    """What asking for each of these requestable roles, alone, would take."""
    specs = specs_of((role.name, role.digest) for role in roles)
    held = {role.name for role in (*subject.roles, *subject.elevated)}
    permitting = planning.permitting_roles(subject, specs)
    return [
        Offer(
            role=role,
            held=role.name in held,
            terms=planning.terms_of(
                subject, {role.name: permitting[role.name]}, [specs[role.name]]
            ),
        )
        for role in roles
    ]


def draft_request(
    *,
    wish: Wish,
    author: User,
    for_user: str | None = None,
    extends: UUID | None = None,
    at: datetime,
) -> Draft:
    """What a request would come to (SEMANTICS 3 to 9); stores nothing.

    Raises the refusal that making it would meet, duplicates included (SEMANTICS 10).
    """
    requester = _requester(author, for_user, at=at)
    subject = static_subject_of(requester)
    grant = _grant_to_extend(requester, extends, wish, at=at) if extends else None
    if set(wish.roles) == {"*"}:
        wish = replace(wish, roles=all_roles(subject_of(requester, at=at)))
    else:
        wish = replace(wish, roles=_named_roles(subject, wish.roles))
    requested, reviewing = reviewers.requested_and_reviewing(wish.roles)
    _check_existing(wish.roles, requested)
    plan = planning.plan(subject, wish, list(requested.values()), at=at)
    suggested = _suggested_reviewers(subject, wish)
    _check_not_asked(requester, wish.roles, grant, at=at)
    facts = RequestFacts(
        roles=wish.roles,
        reason=wish.reason,
        annotations=plan.annotations,
        user=requester.email,
        created_at=at,
    )
    possible = reviewers.possible_reviewers(facts, {requester, author}, reviewing)
    shown = _shown_to_workflows(facts, plan, grant, subject)
    return Draft(
        requester=requester,
        author=author,
        reason=wish.reason,
        plan=plan,
        suggested_reviewers=suggested,
        possible_reviewers=[reviewer.email for reviewer in possible],
        shown=shown,
        checks=planned_checks(shown, at=at),
        extends=grant,
    )


def foreseen(draft: Draft, *, at: datetime) -> Draft:
    """The draft with what the operator's functions would say, who are waited for (SEMANTICS 10)."""
    return replace(draft, checks=services.foreseen(draft.checks, draft.shown, at=at))


def create_request(
    *,
    wish: Wish,
    author: User,
    for_user: str | None = None,
    extends: UUID | None = None,
    by: Actor,
    at: datetime,
) -> tuple[AccessRequest, Draft]:
    """Make a request; the draft says who may review it.

    Workflows that judge at once have judged: the request may be denied already (SEMANTICS 6.4).
    The author's row is locked first, so that the same question asked twice at once is told so.
    """
    with transaction.atomic():
        _lock_asking(author, for_user)
        draft = draft_request(
            wish=wish, author=author, for_user=for_user, extends=extends, at=at
        )
        request = _request_of(draft, via=by.via, at=at)
        record(*lifecycle.create(request, _checks_of(draft, request, at=at)), by=by, at=at)
        record(*_judged_at_once(request, draft, at=at), by=WORKFLOWS, at=at)
    return request, draft


def cancel_request(
    *, request_id: UUID, user: User, reason: str, by: Actor, at: datetime
) -> AccessRequest:
    """Take a pending request back, as its requester.

    Raises `NotFound`, `NotPermitted` for somebody else, or `AlreadyResolved`.
    """
    planning.check_length(reason)
    with transaction.atomic():
        subject = subject_of(user, at=at)
        request = timekeeping.lock_request(request_id, at=at)
        selectors.check_seen(subject, request)
        if request.requester_id != user.pk:
            raise NotPermitted(_("Only the requester may cancel a request."))
        lifecycle.check_pending(request, at=at)
        events = lifecycle.resolve(request, RequestState.CANCELLED, reason=reason, at=at)
        record(*events, by=by, at=at)
    return request


def _lock_asking(author: User, for_user: str | None) -> None:
    _ASKING.rows(emails=sorted({author.email, normalised_email(for_user or author.email)}))


def _asking(emails: Any) -> "QuerySet[Any, Any]":
    rows = User.objects.filter(email__in=emails).order_by("pk").select_for_update(of=("self",))
    return rows.values_list("pk")


_ASKING = Prepared(_asking, emails=[CharField()])


def _requester(author: User, for_user: str | None, *, at: datetime) -> User:
    """Who is to get access (SEMANTICS 3.5): the verb is looked at before the person."""
    email = normalised_email(for_user or author.email)
    if email == author.email:
        return author
    if not subject_of(author, at=at).may_statically("create", "access_request_for_others"):
        raise NotPermitted(_("You may ask for yourself only."))
    requester = users_named([email]).get(email)
    if requester is None or not requester.is_active:
        raise _invalid(
            "for_user", _("There is no active user %(email)s.") % {"email": email[:254]}
        )
    return requester


def _grant_to_extend(requester: User, grant_id: UUID, wish: Wish, *, at: datetime) -> Grant:
    """The requester's own grant, for exactly its role, and not over (SEMANTICS 8.2)."""
    grants = Grant.objects.select_related("role").filter(user=requester)
    grant = grants.filter(pk=grant_id).first()
    if grant is None:
        raise NotFound(_("There is no such grant."))
    if set(wish.roles) != {grant.role.name}:
        sentence = _("An extension asks for exactly %(role)s.") % {"role": grant.role.name}
        raise _invalid("roles", sentence)
    lifecycle.check_open(grant, at=at)
    return grant


def all_roles(subject: Subject) -> tuple[str, ...]:
    """Every existing role that is requestable and not held already (SEMANTICS 3.3)."""
    held = {role.name for role in (*subject.roles, *subject.elevated)}
    found = [name for name in requestable_names(subject) if name not in held]
    if not found:
        raise NoRequestableRoles(_("There is no role that you may request and do not hold."))
    return tuple(sorted(found))


def _named_roles(subject: Subject, names: Sequence[str]) -> tuple[str, ...]:
    """The requested names, each once and sorted, all of them requestable (SEMANTICS 3.2)."""
    distinct = sorted(set(names))
    if not distinct:
        raise NothingRequested(_("Nothing is requested: name at least one role."))
    for name in distinct:
        if name != "*":
            _check_name(name)
    if len(distinct) > MAX_ROLES:
        sentence = _("A request asks for at most %(count)s roles.") % {"count": MAX_ROLES}
        raise _invalid("roles", sentence)
    requestable.check_requestable(subject, distinct)
    return tuple(distinct)


def _check_name(name: str) -> None:
    try:
        check_role_name(name)
    except InvalidInput as refusal:
        raise _invalid("roles", refusal.detail) from refusal


def _check_existing(names: Sequence[str], existing: Mapping[str, RoleSpec]) -> None:
    """After the check of what may be requested: the other order would tell which roles exist."""
    for name in names:
        if name not in existing:
            raise RoleNotFound(_("There is no role %(role)s.") % {"role": name})


def _suggested_reviewers(subject: Subject, wish: Wish) -> list[str]:
    """The requester's list if there is one, else what the held roles suggest (SEMANTICS 9.1)."""
    if not wish.suggested_reviewers:
        suggested = planning.default_suggestions(subject)
        known = users_named(suggested) if suggested else {}
        return [email for email in suggested if email in known and known[email].is_active]
    wanted = list(dict.fromkeys(normalised_email(name) for name in wish.suggested_reviewers))
    known = users_named(wanted)
    for email in wanted:
        if email not in known or not known[email].is_active:
            named = {"email": email[:254]}
            raise UnknownReviewer(
                _("The suggested reviewer %(email)s is no active user.") % named,
                errors={"suggested_reviewers": [_("%(email)s is no active user.") % named]},
            )
    return wanted


def _check_not_asked(
    requester: User, names: Sequence[str], grant: Grant | None, *, at: datetime
) -> None:
    """Refuse what the same person asked for already (SEMANTICS 3.6, 8.2)."""
    asked = selectors.asked_before(requester, names, grant, at)
    if asked is not None:
        raise DuplicateRequest(
            _("You asked for exactly this already: request %(asked)s.") % {"asked": asked}
        )


def _request_of(draft: Draft, *, via: str, at: datetime) -> AccessRequest:
    plan = draft.plan
    return AccessRequest(
        requester=draft.requester,
        author=draft.author,
        owner=draft.requester.owner,
        roles=list(plan.roles),
        reason=draft.reason,
        suggested_reviewers=draft.suggested_reviewers,
        annotations=plan.annotations,
        judgement=planning.judgement_as_json(plan.judgement),
        created_at=at,
        pending_expires_at=at + plan.pending_ttl,
        start_time=plan.start_time,
        duration=plan.duration,
        requested_duration=plan.requested_duration,
        limit=plan.limit,
        extends=draft.extends,
        via=via,
    )


def _shown_to_workflows(
    facts: RequestFacts, plan: Plan, extends: Grant | None, subject: Subject
) -> Facts:
    return Facts(
        request_id=None,
        request=facts,
        duration=plan.duration,
        start_time=plan.start_time,
        extends=extends.pk if extends else None,
        requester_roles=subject.role_names,
        requester_traits=subject.traits,
    )


def _checks_of(draft: Draft, request: AccessRequest, *, at: datetime) -> list[Check]:
    """The checks of a new request; those that are known already have their verdict."""
    named = [normalised_email(p.binding.spec.bot) for p in draft.checks if p.binding.spec.bot]
    bots = users_named(named) if named else {}
    checks = []
    for planned in draft.checks:
        binding, spec = planned.binding, planned.binding.spec
        check = Check(
            request=request,
            workflow_id=binding.workflow_id,
            name=binding.name,
            spec=binding.document,
            bot=bots.get(normalised_email(spec.bot)),
            state=CheckState.PENDING,
            next_at=at + spec.timeout if spec.engine == "bot" else at,
            deadline_at=at + spec.timeout,
        )
        if planned.verdict is not None:
            lifecycle.answer(check, planned.verdict, at=at)
        checks.append(check)
    return checks


def _judged_at_once(request: AccessRequest, draft: Draft, *, at: datetime) -> Sequence[Event]:
    """What became of the checks that judge at once; one that fails denies the request."""
    events: list[Event] = []
    for check, planned in zip(request.all_checks, draft.checks, strict=True):
        if planned.verdict is not None:
            events.append(lifecycle.checked(request, check, planned.verdict))
    failed = next((c for c in request.all_checks if c.state == CheckState.FAILED), None)
    if failed is not None:
        to = RequestState.DENIED
        events += lifecycle.resolve(request, to, reason=failed.reason, at=at)
    return events


def _invalid(field: str, sentence: str) -> InvalidInput:
    return InvalidInput(sentence, errors={field: [sentence]})
