"""What the frame itself keeps: answers to calls that may be repeated."""

from django.db import models


class KeptAnswer(models.Model):
    """The answer to a POST that carried an `Idempotency-Key`, one per caller and key.

    The row is written in the transaction of what the call did, so that either both exist or
    neither: a call that is repeated is answered from here, or done for the first time. Where the
    call speaks to another system, the row is there first, and has no status until it answered.
    """

    id = models.BigAutoField(primary_key=True)
    user = models.ForeignKey("identity.User", on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=255)
    fingerprint = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(null=True)
    content_type = models.CharField(max_length=100, blank=True)
    body = models.BinaryField(default=bytes)
    created_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "key"], name="one_answer_per_caller_and_key"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.status} for {self.key}"
