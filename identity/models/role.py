"""Roles, and who holds them statically."""

from django.db import models

from accessplane.lib.identifiers import new_id
from audit.catalogue import About


class Role(models.Model):
    """A role's document. `digest` changes exactly when `spec` does. Roles are never deleted."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    name = models.CharField(max_length=128, unique=True)
    description = models.TextField(blank=True)
    labels = models.JSONField(default=dict, blank=True)
    spec = models.JSONField(default=dict, blank=True)
    digest = models.CharField(max_length=64, editable=False)
    reviews = models.BooleanField(default=False, editable=False)
    created_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(
                fields=["name"], condition=models.Q(reviews=True), name="identity_role_reviews"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def title(self) -> str:
        """What people call it: its label `title`, or its name."""
        return str(self.labels.get("title") or self.name)

    @property
    def about(self) -> About:
        """This role, as events tell of it."""
        return About("role", self.id, self.name)


class RoleAssignment(models.Model):
    """A user holds a role all the time; `position` keeps the order of the user's document."""

    id = models.BigAutoField(primary_key=True)
    user = models.ForeignKey(
        "identity.User", on_delete=models.CASCADE, related_name="assignments"
    )
    role = models.ForeignKey(Role, on_delete=models.PROTECT, related_name="assignments")
    position = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "role"], name="a_role_is_assigned_once"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} holds {self.role_id}"
