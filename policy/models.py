"""Workflows."""

from typing import Any

from django.db import models

from accessplane.lib import secret_texts
from accessplane.lib.identifiers import new_id
from audit.catalogue import About

_PURPOSE = "workflow secret"


class Workflow(models.Model):
    """A workflow's document. `digest` changes exactly when `spec` does. None is ever deleted.

    The secrets stand apart from `spec`, as `env:NAME` or sealed; of two, either one satisfies
    a receiver while it is being replaced.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    name = models.CharField(max_length=128, unique=True)
    description = models.TextField(blank=True)
    labels = models.JSONField(default=dict, blank=True)
    spec = models.JSONField()
    digest = models.CharField(max_length=64, editable=False)
    secrets = models.JSONField(default=list, editable=False)
    active = models.BooleanField(default=True, editable=False)
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name

    @property
    def about(self) -> About:
        """This workflow, as events tell of it."""
        return About("workflow", self.id, self.name)

    def shown_spec(self) -> dict[str, Any]:
        """The whole document as people may see it: of a secret only where it comes from."""
        if not self.secrets:
            return dict(self.spec)
        return {**self.spec, "secret": [secret_texts.shown(kept) for kept in self.secrets]}

    def keep_secrets(self, secrets: list[str]) -> bool:
        """Take the secrets of a document; whether they are others than before."""
        if len(secrets) == len(self.secrets) and all(
            secret_texts.same(secret, kept, purpose=_PURPOSE)
            for secret, kept in zip(secrets, self.secrets, strict=True)
        ):
            return False
        self.secrets = [secret_texts.stored(secret, purpose=_PURPOSE) for secret in secrets]
        return True

    def revealed_secrets(self) -> list[str]:
        """The secrets; `SecretMissing` if one of them is not to be had now."""
        return [secret_texts.revealed(kept, purpose=_PURPOSE) for kept in self.secrets]
