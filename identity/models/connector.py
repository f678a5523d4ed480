"""Connectors: systems that say who somebody is."""

from django.db import models

from accessplane.lib.identifiers import new_id
from audit.catalogue import About
from identity.connector_spec import NAME_LENGTH, ConnectorSpec, parse_connector


class Connector(models.Model):
    """A way to sign in through another system. The secret in `spec` is `env:NAME` or sealed."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    name = models.CharField(max_length=NAME_LENGTH, unique=True)
    description = models.TextField(blank=True)
    labels = models.JSONField(default=dict, blank=True)
    spec = models.JSONField(default=dict)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name

    @property
    def about(self) -> About:
        """This connector, as events tell of it."""
        return About("connector", self.id, self.name)

    def parsed(self) -> ConnectorSpec:
        """Its document; the secret in it is as it is stored."""
        return parse_connector(self.spec)
