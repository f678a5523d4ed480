"""The checks of a request: asking the workflows, and taking their verdicts (SEMANTICS 6.4)."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from accessplane.lib.actors import Actor
from accessplane.lib.backoff import next_delay
from accessplane.lib.errors import Conflict, NotFound, NotPermitted
from accessplane.lib.secret_texts import SecretMissing
from audit.catalogue import Event
from audit.recorder import record
from identity.models import User
from identity.selectors import static_subject_of, subject_of
from policy.engines.base import EngineFailed, Question
from policy.engines.registry import ENGINES
from policy.facts import Facts
from policy.verdicts import STATE_OF, CheckState, Effect, Verdict
from policy.workflow_spec import WorkflowSpec
from requests_app import lifecycle, planning
from requests_app.models import AccessRequest, Check
from requests_app.selectors import check_seen
from requests_app.services import timekeeping
from requests_app.services.asking import WORKFLOWS
from requests_app.states import RequestState
from reviews.services.settling import reviews_of, settle

BATCH = 100
# While a worker asks, nobody else does; if it dies, somebody does after this.
LEASE = timedelta(minutes=1)
LONGEST_CALL = timedelta(seconds=30)
SHORTEST_CALL = timedelta(seconds=1)
FIRST_PAUSE = timedelta(seconds=2)
LONGEST_PAUSE = timedelta(minutes=15)
NO_ANSWER = "There was no answer in time."


class AnsweredAlready(Conflict):
    """The workflow gave another verdict before."""


@dataclass(frozen=True, slots=True)
class Task:
    """What a workflow is asked, and how long it may take to answer."""

    question: Question
    patience: timedelta


@dataclass(frozen=True, slots=True)
class Asked:
    """What came of asking a workflow: a verdict, what went wrong, or else a promise."""

    verdict: Verdict | None = None
    problem: str = ""


def report_verdict(
    *,
    request_id: UUID,
    workflow: str,
    bot: User,
    verdict: Verdict,
    by: Actor,
    at: datetime,
) -> AccessRequest:
    """The verdict of a workflow, from the bot that it named when the request was made.

    Refusals in this order: `NotFound`, `NotPermitted`, `AlreadyResolved`, and `WrongState` if
    there is another verdict. The same verdict again changes nothing.
    """
    planning.check_length(verdict.reason)
    with transaction.atomic():
        subject = subject_of(bot, at=at)
        request = timekeeping.lock_request(request_id, at=at)
        check_seen(subject, request)
        _load_parts(request)
        check = _own_check(request, request.all_checks, workflow, bot)
        if check.state == STATE_OF[verdict.effect]:
            return request
        lifecycle.check_pending(request, at=at)
        if check.state != CheckState.PENDING:
            raise AnsweredAlready(
                _("The workflow %(workflow)s said otherwise before.") % {"workflow": workflow}
            )
        record(*_judge(request, check, verdict, at=at), by=by, at=at)
    return request


def question_for(
    *, request_id: UUID, workflow: str, bot: User, at: datetime
) -> tuple[Check, Facts]:
    """What a bot is asked, and the facts it may judge by; `NotFound` or `NotPermitted`."""
    people = AccessRequest.objects.select_related("requester", "author", "owner", "extends")
    request = people.filter(pk=request_id).first()
    if request is None:
        raise NotFound(_("There is no such access request."))
    check_seen(subject_of(bot, at=at), request)
    check = _own_check(request, request.checks.all(), workflow, bot)
    return check, request.shown_to_workflows(static_subject_of(request.requester))


def due_checks(*, at: datetime) -> list[UUID]:
    """The ids of the checks that wait to be looked at, the longest due first."""
    due = Check.objects.due(at).order_by("next_at", "pk")
    return list(due.values_list("pk", flat=True)[:BATCH])


def ask(*, check_id: UUID, clock: Callable[[], datetime]) -> None:
    """Ask the workflow of a check that is due, and take what comes of it.

    The check is leased in one transaction, its workflow asked in none, and the answer taken in
    another one. An answer that came too late for the request changes nothing.
    """
    at = clock()
    task = _lease(check_id, at=at)
    if task is not None:
        _take(check_id, _attempt(task, at=at), at=clock())


def _own_check(
    request: AccessRequest, checks: Iterable[Check], workflow: str, bot: User
) -> Check:
    """The check of this workflow, if it is the bot's to answer; nobody judges what he asks."""
    check = next((check for check in checks if check.name == workflow), None)
    if check is None:
        raise NotFound(_("No workflow of this name judges this request."))
    if check.bot_id != bot.pk or bot.pk in {request.requester_id, request.author_id}:
        raise NotPermitted(_("The verdict of this workflow is not yours to report."))
    return check


def _load_parts(request: AccessRequest) -> None:
    request.all_grants, request.all_reviews = [], reviews_of(request)
    request.all_checks = lifecycle.lock_checks(request)


def _judge(
    request: AccessRequest, check: Check, verdict: Verdict, *, at: datetime
) -> Sequence[Event]:
    """A pending check gets its verdict, and the request is resolved if that was what it lacked."""
    judged = lifecycle.judge(request, check, verdict, at=at)
    return [*judged, *settle(request, reason=verdict.reason, at=at)]


def _lease(check_id: UUID, *, at: datetime) -> Task | None:
    """What to ask now; None if nothing is to be asked, or somebody else has it in hand."""
    with transaction.atomic():
        found = _due(check_id, at=at)
        if found is None:
            return None
        request, check = found
        spec = check.frozen_spec()
        if check.deadline_at is not None and check.deadline_at <= at:
            record(*_give_up(request, check, spec, at=at), by=WORKFLOWS, at=at)
        if check.state != CheckState.PENDING or spec.engine not in ENGINES:
            return None
        try:
            secrets = check.workflow.revealed_secrets()
        except SecretMissing as missing:
            _try_later(check, missing.sentence, at=at)
            return None
        lifecycle.postpone(check, problem=check.problem, tries=check.tries, until=at + LEASE)
    facts = request.shown_to_workflows(static_subject_of(request.requester))
    question = Question(
        key=str(check.pk), workflow=check.name, spec=spec, secrets=secrets, facts=facts
    )
    return Task(question, patience=_patience(check, at=at))


def _due(check_id: UUID, *, at: datetime) -> tuple[AccessRequest, Check] | None:
    """The locked request with its parts and its check, if that is still to be looked at."""
    for request_id in Check.objects.filter(pk=check_id).values_list("request_id", flat=True):
        request = timekeeping.lock_request(request_id, at=at)
        _load_parts(request)
        check = next(c for c in request.all_checks if c.pk == check_id)
        if check.next_at is None or check.next_at > at:
            return None
        if request.state_at(at) == RequestState.PENDING:
            return request, check
        lifecycle.let_go(check)
    return None


def _patience(check: Check, *, at: datetime) -> timedelta:
    """How long the workflow may take: not beyond the time for an answer, if that runs still."""
    if check.deadline_at is None:
        return LONGEST_CALL
    return min(LONGEST_CALL, max(SHORTEST_CALL, check.deadline_at - at))


def _attempt(task: Task, *, at: datetime) -> Asked:
    engine = ENGINES[task.question.spec.engine]
    try:
        return Asked(verdict=engine.ask(task.question, patience=task.patience, at=at))
    except EngineFailed as failure:
        return Asked(problem=failure.sentence)


def _take(check_id: UUID, asked: Asked, *, at: datetime) -> None:
    with transaction.atomic():
        request_id = Check.objects.values_list("request_id", flat=True).get(pk=check_id)
        request = timekeeping.lock_request(request_id, at=at)
        _load_parts(request)
        check = next(c for c in request.all_checks if c.pk == check_id)
        if check.state != CheckState.PENDING or request.state_at(at) != RequestState.PENDING:
            return
        if asked.problem:
            _try_later(check, asked.problem, at=at)
        elif asked.verdict is None:
            _await(check, at=at)
        else:
            record(*_judge(request, check, asked.verdict, at=at), by=WORKFLOWS, at=at)


def _await(check: Check, *, at: datetime) -> None:
    """The workflow has promised its verdict; one that is held is so until it comes."""
    if check.deadline_at is not None:
        problem, until = "", check.deadline_at
    else:
        problem, until = check.problem or NO_ANSWER, at + LONGEST_PAUSE
    lifecycle.postpone(check, problem=problem, tries=check.tries, until=until)


def _try_later(check: Check, problem: str, *, at: datetime) -> None:
    """After a failure, and not after the time for an answer is over."""
    tries = check.tries + 1
    until = at + next_delay(tries, first=FIRST_PAUSE, longest=LONGEST_PAUSE)
    until = min(until, check.deadline_at or until)
    lifecycle.postpone(check, problem=problem, tries=tries, until=until)


def _give_up(
    request: AccessRequest, check: Check, spec: WorkflowSpec, *, at: datetime
) -> Sequence[Event]:
    """What the workflow's own document says of a missing answer (CONTRACT 6)."""
    problem = check.problem or NO_ANSWER
    match spec.fallback:
        case "deny":
            return _judge(request, check, Verdict(Effect.DENY, problem), at=at)
        case "abstain":
            return _judge(request, check, Verdict(Effect.ABSTAIN, problem), at=at)
        case _:
            until = at if spec.engine in ENGINES else None
            return [lifecycle.hold(request, check, problem=problem, until=until)]
