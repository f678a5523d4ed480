"""Reviews."""

from typing import Any

from django.db import models
from django.db.models import Q

from accessplane.lib.identifiers import new_id
from reviews.thresholds import Decision, Met, ReviewFact


class Review(models.Model):
    """One reviewer's judgement of one request.

    `met` holds the thresholds, and their parts, whose filter the review met when it was made;
    they are never computed again (SEMANTICS 6.2). `number` keeps the order of the reviews.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    request = models.ForeignKey(
        "requests_app.AccessRequest", on_delete=models.PROTECT, related_name="reviews"
    )
    reviewer = models.ForeignKey(
        "identity.User", on_delete=models.PROTECT, related_name="reviews"
    )
    number = models.PositiveIntegerField()
    decision = models.CharField(max_length=8, choices=[(d, d) for d in Decision])
    reason = models.TextField(blank=True)
    annotations = models.JSONField(default=dict)
    met = models.JSONField(default=list)
    created_at = models.DateTimeField()
    via = models.CharField(max_length=16)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["request", "number"], name="reviews_have_an_order"),
            models.UniqueConstraint(
                fields=["request", "reviewer"],
                condition=~Q(decision=Decision.COMMENT),
                name="one_review_per_reviewer",
            ),
        ]
        # Whether somebody reviewed a request is asked for each of thousands of requests.
        indexes = [models.Index(fields=["reviewer", "request"], name="review_of_reviewer")]

    def __str__(self) -> str:
        return f"{self.decision} by {self.reviewer_id}"

    @property
    def reviewer_email(self) -> str:
        """The address of the reviewer."""
        return self.reviewer.email

    def fact(self) -> ReviewFact:
        """This review, as far as counting goes."""
        met = tuple(Met(index, tuple(parts)) for index, parts in self.met)
        return ReviewFact(self.reviewer_id, Decision(self.decision), met)

    @staticmethod
    def met_as_json(met: tuple[Met, ...]) -> list[Any]:
        """What is stored of the thresholds that a review meets."""
        return [[one.threshold, list(one.parts)] for one in met]
