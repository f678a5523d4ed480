"""The check."""

from datetime import datetime

from django.db import models
from django.db.models import Q

from accessplane.lib.identifiers import new_id
from policy.verdicts import CheckState
from policy.workflow_spec import WorkflowSpec, parse_workflow


class CheckQuerySet(models.QuerySet["Check"]):
    """Filters over checks; time is always an argument."""

    def due(self, at: datetime) -> "CheckQuerySet":
        """Pending checks that are to be looked at by now."""
        return self.filter(state=CheckState.PENDING, next_at__lte=at)


class Check(models.Model):
    """The verdict of one workflow on one request, or that it is awaited (SEMANTICS 6.4).

    `spec` and `bot` are frozen with the plan. `next_at` is when the plane looks at the check
    again, to ask or because the time for an answer is over; null when it need not. `deadline_at`
    is when that time is over; null once the request is held. `problem` is what went wrong last,
    in a sentence for people.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    request = models.ForeignKey(
        "requests_app.AccessRequest", on_delete=models.PROTECT, related_name="checks"
    )
    workflow = models.ForeignKey(
        "policy.Workflow", on_delete=models.PROTECT, related_name="checks"
    )
    name = models.CharField(max_length=128)
    spec = models.JSONField()
    bot = models.ForeignKey(
        "identity.User", on_delete=models.PROTECT, related_name="checks", null=True
    )
    state = models.CharField(max_length=8, choices=[(s, s) for s in CheckState])
    reason = models.TextField(blank=True)
    annotations = models.JSONField(default=dict)
    problem = models.TextField(blank=True)
    tries = models.PositiveIntegerField(default=0)
    next_at = models.DateTimeField(null=True)
    deadline_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)

    objects = CheckQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["request", "workflow"], name="one_check_for_each_workflow"
            ),
            models.CheckConstraint(
                name="check_is_pending_or_answered",
                condition=Q(state=CheckState.PENDING, answered_at=None)
                | (~Q(state=CheckState.PENDING) & Q(answered_at__isnull=False)),
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_at"],
                condition=Q(state=CheckState.PENDING),
                name="check_pending_next",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name}: {self.state}"

    def frozen_spec(self) -> WorkflowSpec:
        """The workflow as it was when the request was made."""
        return parse_workflow(self.spec)
