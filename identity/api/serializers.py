"""What comes in and goes out about users, roles, tokens and configuration."""

from typing import Any

from rest_framework import serializers

from accessplane.lib.inputs import Duration, Strict, Text
from accessplane.lib.instants import text_of, text_or_none
from identity.models import ApiToken, Invitation, User
from identity.representations import Described
from identity.services.outcomes import Outcome, Result


class UserDocument(serializers.Serializer[Any]):
    """A user; `roles` are the static ones, in their order."""

    id = serializers.UUIDField()
    email = serializers.EmailField()
    display_name = serializers.CharField(allow_blank=True)
    roles = serializers.ListField(child=serializers.CharField())
    traits = serializers.DictField(child=serializers.ListField(child=serializers.CharField()))
    bot = serializers.BooleanField()
    owner = serializers.EmailField(allow_null=True)
    active = serializers.BooleanField()
    created_at = serializers.DateTimeField()

    def to_representation(self, instance: User) -> dict[str, Any]:
        """The document of a user whose owner and assignments are loaded."""
        return {
            "id": str(instance.pk),
            "email": instance.email,
            "display_name": instance.display_name,
            "roles": [assignment.role.name for assignment in instance.assignments.all()],
            "traits": instance.traits,
            "bot": instance.is_bot,
            "owner": instance.owner.email if instance.owner else None,
            "active": instance.is_active,
            "created_at": text_of(instance.created_at),
        }


class InvitationDocument(serializers.Serializer[Any]):
    """An invitation that was sent; its link is in the mail alone."""

    user = serializers.EmailField()
    expires_at = serializers.DateTimeField()

    def to_representation(self, instance: Invitation) -> dict[str, Any]:
        """The document of an invitation."""
        return {"user": instance.user.email, "expires_at": text_of(instance.expires_at)}


class RoleDocument(Described):
    """A role; `spec` is its document."""


class NewToken(Strict):
    """A token to be made; it lasts 30 days if no length is given."""

    name = Text(allow_blank=True, default="", max_length=100)
    ttl = Duration(allow_null=True, default=None)


class TokenDocument(serializers.Serializer[Any]):
    """A token, without its secret."""

    id = serializers.UUIDField()
    name = serializers.CharField(allow_blank=True)
    created_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField(allow_null=True)

    def to_representation(self, instance: ApiToken) -> dict[str, Any]:
        """The document of a token."""
        return {
            "id": str(instance.pk),
            "name": instance.name,
            "created_at": text_of(instance.created_at),
            "expires_at": text_or_none(instance.expires_at),
        }


class CreatedToken(TokenDocument):
    """A new token with its secret, which is shown this once."""

    token = serializers.CharField()

    def to_representation(self, instance: ApiToken) -> dict[str, Any]:
        """The document with the secret of the context."""
        return super().to_representation(instance) | {"token": self.context["secret"]}


class ConfigurationDocument(serializers.Serializer[Any]):
    """A configuration document, as files hold it too."""

    kind = serializers.CharField()
    version = serializers.ChoiceField(choices=["v1"])
    metadata = serializers.DictField()
    spec = serializers.DictField(required=False)


class AppliedDocument(serializers.Serializer[Any]):
    """What applying one document came to."""

    kind = serializers.CharField()
    name = serializers.CharField()
    result = serializers.ChoiceField(choices=[str(result) for result in Result])

    def to_representation(self, instance: Outcome) -> dict[str, Any]:
        """The document of an outcome."""
        return {
            "kind": instance.document.kind,
            "name": instance.document.name,
            "result": str(instance.result),
        }


class Applied(serializers.Serializer[Any]):
    """What applying came to, in the order of the documents."""

    documents = AppliedDocument(many=True)
    warnings = serializers.ListField(child=serializers.CharField())
