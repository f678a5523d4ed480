"""Workflows from documents, and what they say."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from threading import BoundedSemaphore
from typing import Any

from django.conf import settings

from accessplane.lib import outbound, signing
from accessplane.lib.actors import Actor
from accessplane.lib.errors import InvalidInput
from accessplane.lib.secret_texts import STORED, SecretMissing
from audit.recorder import record
from identity.documents import Document
from identity.models import User
from identity.services.outcomes import Outcome, Result
from identity.user_spec import normalised_email
from policy import selectors
from policy.engines import expression
from policy.engines.base import EngineFailed, Question
from policy.engines.registry import ENGINES
from policy.engines.rota import rota
from policy.events import WorkflowCreated, WorkflowUpdated
from policy.facts import Facts
from policy.models import Workflow
from policy.selectors import Binding
from policy.verdicts import Verdict
from policy.workflow_spec import WorkflowSpec, check_workflow_name, parse_workflow

MAX_SECRETS = 2
FORESIGHT = timedelta(seconds=5)
# Processes that dry runs may start at a time: nobody shall fill the machine by asking.
_at_once = BoundedSemaphore(2)


@dataclass(frozen=True, slots=True)
class Planned:
    """A workflow that binds a request; its verdict if that is known, or why it is not."""

    binding: Binding
    verdict: Verdict | None = None
    problem: str = ""


def planned_checks(facts: Facts, *, at: datetime) -> list[Planned]:
    """The checks of such a request, by name. Expressions have judged; nobody else is asked."""
    return [Planned(one, _judged(one, facts)) for one in selectors.binding(facts, at=at)]


def foreseen(planned: Sequence[Planned], facts: Facts, *, at: datetime) -> list[Planned]:
    """The same with what the operator's functions would say: for a dry run, which waits for them.

    They run in processes of their own, some seconds each and few at a time. No webhook is called,
    no bot is told, and nobody is asked who is on call. Not for use in a transaction.
    """
    return [
        _foreseen(one, facts, at) if one.binding.spec.engine == "python" else one
        for one in planned
    ]


def apply_workflow(document: Document, *, by: Actor, at: datetime) -> Outcome:
    """Create the workflow or make it say what the document says; `InvalidInput` if wrong.

    A secret that is only called `stored` is kept, as long as the address stays what it is.
    """
    check_workflow_name(document.name)
    spec = dict(document.spec)
    given = _secrets(spec.pop("secret", ""))
    parsed = parse_workflow(spec)
    workflow = Workflow.objects.select_for_update().filter(name=document.name).first()
    secrets = _with_stored(given, workflow, parsed)
    _check(parsed, secrets)
    created = workflow is None
    workflow = workflow or Workflow(name=document.name, created_at=at)
    wanted = {
        "description": document.metadata.description,
        "labels": document.metadata.labels,
        "digest": _digest_of(document.name, spec),
    }
    rotated = _keep_secrets(workflow, secrets)
    if not rotated and all(getattr(workflow, name) == wanted[name] for name in wanted):
        return Outcome(document, Result.UNCHANGED)
    for name, value in {**wanted, "spec": spec, "active": parsed.active}.items():
        setattr(workflow, name, value)
    workflow.save()
    event = WorkflowCreated if created else WorkflowUpdated
    record(event(about=workflow.about, spec=workflow.shown_spec()), by=by, at=at)
    return Outcome(document, Result.CREATED if created else Result.UPDATED)


def _judged(one: Binding, facts: Facts) -> Verdict | None:
    if one.spec.engine != "expression":
        return None
    otherwise = one.description or f"The workflow {one.name} does not allow this."
    return expression.judge(one.spec, facts, otherwise=otherwise)


def _foreseen(planned: Planned, facts: Facts, at: datetime) -> Planned:
    one = planned.binding
    question = Question(key="", workflow=one.name, spec=one.spec, secrets=(), facts=facts)
    if not _at_once.acquire(timeout=FORESIGHT.total_seconds()):
        return replace(planned, problem="Too many dry runs are waiting for functions.")
    try:
        verdict = ENGINES[one.spec.engine].ask(question, patience=FORESIGHT, at=at)
    except EngineFailed as failure:
        return replace(planned, problem=failure.sentence)
    finally:
        _at_once.release()
    return replace(planned, verdict=verdict)


def _secrets(given: Any) -> list[str]:
    """The secrets of a document, one or two; `InvalidInput` for anything else."""
    secrets = [given] if isinstance(given, str) else given
    if not isinstance(secrets, list) or not all(isinstance(one, str) for one in secrets):
        raise InvalidInput("A secret is a text, or a list of two of them - at `spec.secret`")
    if len(secrets) > MAX_SECRETS:
        raise InvalidInput(
            "There are two secrets at most: the new and the old - at `spec.secret`"
        )
    return [one for one in secrets if one]


def _with_stored(
    given: list[str], workflow: Workflow | None, parsed: WorkflowSpec
) -> list[str]:
    """The secrets, those that the document only calls `stored` in their places."""
    if STORED not in given or workflow is None:
        return given
    if workflow.spec.get("url") != parsed.url:
        raise InvalidInput(
            "A stored secret is kept only while the address stays what it is: write it out "
            "- at `spec.secret`"
        )
    if given != workflow.shown_spec().get("secret"):
        raise InvalidInput("There is no stored secret to keep there - at `spec.secret`")
    try:
        known = workflow.revealed_secrets()
    except SecretMissing as error:
        raise InvalidInput(f"{error.sentence} - at `spec.secret`") from error
    return [kept if said == STORED else said for said, kept in zip(given, known, strict=True)]


def _keep_secrets(workflow: Workflow, secrets: list[str]) -> bool:
    """Whether they are others than before."""
    try:
        return workflow.keep_secrets(secrets)
    except InvalidInput as refusal:
        raise InvalidInput(f"{refusal.detail} - at `spec.secret`") from refusal


def _check(spec: WorkflowSpec, secrets: Sequence[str]) -> None:
    """Refuse what would only be found out when the workflow is asked."""
    if spec.engine == "webhook":
        _check_webhook(spec, secrets)
    elif secrets:
        raise InvalidInput("A secret is for the engine webhook - at `spec.secret`")
    if spec.engine == "python" and spec.callable not in settings.ACCESSPLANE_WORKFLOW_CALLABLES:
        raise InvalidInput(
            "The function must be named in ACCESSPLANE_WORKFLOW_CALLABLES where the plane runs "
            "- at `spec.callable`"
        )
    if spec.engine == "on_call":
        rota().check(spec.channel)
    if spec.bot:
        email = normalised_email(spec.bot)
        if not User.objects.filter(email=email, is_bot=True).exists():
            raise InvalidInput(f"There is no bot {email[:254]} - at `spec.bot`")


def _check_webhook(spec: WorkflowSpec, secrets: Sequence[str]) -> None:
    try:
        outbound.check_url(spec.url)
    except outbound.OutboundFailed as failure:
        raise InvalidInput(f"{failure.sentence} - at `spec.url`") from failure
    if not secrets:
        raise InvalidInput("A webhook is signed: it needs a secret - at `spec.secret`")
    for secret in secrets:
        if not secret.startswith("env:"):
            try:
                signing.check_secret(secret)
            except signing.InvalidSecret as error:
                raise InvalidInput(f"{error} - at `spec.secret`") from error


def _digest_of(name: str, spec: Mapping[str, Any]) -> str:
    text = json.dumps([name, spec], sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
