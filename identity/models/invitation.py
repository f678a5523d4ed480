"""Invitations."""

from django.db import models


class Invitation(models.Model):
    """The one link with which somebody may set a first password; it goes when it was used.

    The secret is in the mail; only its digest is kept.
    """

    user = models.OneToOneField(
        "identity.User", on_delete=models.CASCADE, related_name="invitation"
    )
    digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"Invitation of {self.user}"
