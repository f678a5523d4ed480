"""A condition in the document itself: true allows. Nobody is asked."""

from accessplane.lib.expressions import ExpressionFailed
from policy.facts import Facts
from policy.verdicts import Effect, Verdict
from policy.workflow_spec import WorkflowSpec


def judge(spec: WorkflowSpec, facts: Facts, *, otherwise: str) -> Verdict:
    """ALLOW if the condition holds; else DENY with the reason `otherwise`, or nothing if the
    workflow only reviews."""
    if _holds(spec, facts):
        return Verdict(Effect.ALLOW)
    return Verdict(Effect.ABSTAIN) if spec.review else Verdict(Effect.DENY, otherwise)


def _holds(spec: WorkflowSpec, facts: Facts) -> bool:
    try:
        return spec.expression.holds(facts.named())
    except ExpressionFailed:
        return False  # no answer is no yes
