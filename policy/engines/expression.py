"""A condition in the document itself: true allows."""

from datetime import datetime, timedelta

from accessplane.lib.expressions import ExpressionFailed
from policy.engines.base import Question
from policy.verdicts import Effect, Verdict


class Expression:
    """Judges at once, without asking anybody."""

    def ask(self, question: Question, *, patience: timedelta, at: datetime) -> Verdict:
        """ALLOW if the condition holds; else DENY, or nothing if the workflow only reviews."""
        try:
            if question.spec.expression.holds(question.facts.named()):
                return Verdict(Effect.ALLOW)
        except ExpressionFailed:
            pass  # no answer is no yes
        if question.spec.review:
            return Verdict(Effect.ABSTAIN)
        said = question.description or f"The workflow {question.workflow} does not allow this."
        return Verdict(Effect.DENY, said)
