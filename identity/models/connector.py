"""Connectors: systems that say who somebody is."""

from django.db import models

from accessplane.lib.identifiers import new_id
from audit.catalogue import About
from identity.connector_spec import (
    NAME_LENGTH,
    OidcConnector,
    SamlConnector,
    parse_connector,
)

ID_LENGTH = 191  # as allauth has it for the ids of others


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

    def parsed(self) -> OidcConnector | SamlConnector:
        """Its document; the secret in it is as it is stored."""
        return parse_connector(self.spec)


class SamlAssertion(models.Model):
    """What a SAML provider said of somebody, once.

    It stays until the provider's own word is worth nothing any more, so that nobody comes with it
    a second time. `said` is there from the moment it was believed until somebody is signed in.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    connector = models.ForeignKey(Connector, on_delete=models.CASCADE, related_name="+")
    assertion_id = models.CharField(max_length=ID_LENGTH)
    request_id = models.CharField(max_length=ID_LENGTH)
    uid = models.CharField(max_length=ID_LENGTH)
    said = models.JSONField(null=True)
    expires_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["connector", "assertion_id"], name="an_assertion_is_believed_once"
            ),
            models.UniqueConstraint(
                fields=["connector", "request_id"], name="a_request_is_answered_once"
            ),
        ]

    def __str__(self) -> str:
        return self.assertion_id
