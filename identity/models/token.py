"""API tokens."""

from datetime import datetime

from django.db import models

from accessplane.lib.identifiers import new_id
from audit.catalogue import About


class ApiToken(models.Model):
    """A bearer token of one user. The secret is shown once; only its digest is kept."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    user = models.ForeignKey("identity.User", on_delete=models.CASCADE, related_name="tokens")
    name = models.CharField(max_length=100, blank=True)
    digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["user", "created_at"], name="identity_token_of_user")]

    def __str__(self) -> str:
        return self.name or str(self.id)

    def is_open(self, at: datetime) -> bool:
        """Whether it opens anything at this moment."""
        return self.revoked_at is None and (self.expires_at is None or self.expires_at > at)

    @property
    def about(self) -> About:
        """This token, as events tell of it."""
        return About("token", self.id, self.name)
