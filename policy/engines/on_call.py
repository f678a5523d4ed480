"""Whether the requester is on call now, as the service behind a channel says."""

from datetime import datetime, timedelta

from accessplane.lib.instants import spoken
from accessplane.lib.matching import any_matches
from identity.selectors import users_named
from policy.engines.base import EngineFailed, Question
from policy.engines.rota import Duty, Shift, rota
from policy.facts import Facts
from policy.verdicts import Effect, Verdict
from policy.workflow_spec import MOST_DUTIES, WorkflowSpec

_LONGEST_NAME = 100


class OnCall:
    """Allows who is on call; of others a workflow that reviews has nothing to say."""

    def ask(self, question: Question, *, patience: timedelta, at: datetime) -> Verdict:
        """ALLOW with the shift as the reason; else ABSTAIN if the workflow reviews, or DENY."""
        spec, facts = question.spec, question.facts
        email = facts.request.user
        user = users_named([email]).get(email)
        if user is None or not user.is_active:
            return _no(spec, f"{email} is not active here.")
        name = user.get_short_name()
        unclear = _unclear(spec, facts, at)
        if unclear:
            return _no(spec, unclear)
        duty = _duty(spec, facts)
        if not (duty.schedules or duty.escalation_policies):
            return _no(spec, f"No schedule is named that {name} could be on call for.")
        shift = rota().shift_of(email, duty, channel=spec.channel, patience=patience, at=at)
        if shift is None:
            return _no(spec, f"{name} is not on call for {_either(duty)}.")
        return Verdict(Effect.ALLOW, _said(name, shift))


def _no(spec: WorkflowSpec, reason: str) -> Verdict:
    return Verdict(Effect.ABSTAIN if spec.review else Effect.DENY, reason)


def _unclear(spec: WorkflowSpec, facts: Facts, at: datetime) -> str:
    """Why being on call now says nothing of this request; empty if it does.

    What the requester puts together must open no more than each part of it would: the
    annotations of a request are those of all its roles, and nobody can tell which of them is
    whose.
    """
    roles = facts.request.roles
    if facts.start_time is not None and facts.start_time > at:
        return "Who is on call now says nothing of access that begins later."
    if spec.schedules_from and len(roles) > 1:
        return "Each role has schedules of its own: ask for one role at a time."
    if spec.review and not all(any_matches(spec.roles, name) for name in roles):
        return "Being on call is for some of these roles only."
    return ""


def _duty(spec: WorkflowSpec, facts: Facts) -> Duty:
    schedules = spec.schedules
    if spec.schedules_from:
        schedules = tuple(facts.request.annotations.get(spec.schedules_from, ()))
    if len(schedules) > MOST_DUTIES:
        raise EngineFailed(f"The request names more than {MOST_DUTIES} schedules.")
    return Duty(
        schedules=schedules,
        escalation_policies=spec.escalation_policies,
        levels=spec.levels or 1,
    )


def _either(duty: Duty) -> str:
    names = [name[:_LONGEST_NAME] for name in (*duty.schedules, *duty.escalation_policies)]
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} or {names[-1]}"


def _said(name: str, shift: Shift) -> str:
    until = f" until {spoken(shift.until)}" if shift.until else ""
    return f"{name} is on call for {shift.duty[:_LONGEST_NAME]}{until} ({shift.told_by})."
