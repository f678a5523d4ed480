"""What goes out about everything that documents describe (CONTRACT 2)."""

from typing import Any

from rest_framework import serializers

from accessplane.lib.instants import text_of


class Described(serializers.Serializer[Any]):
    """An object with its metadata, and its document as `spec`."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    description = serializers.CharField(allow_blank=True)
    labels = serializers.DictField(child=serializers.CharField())
    spec = serializers.DictField()
    created_at = serializers.DateTimeField()

    def to_representation(self, instance: Any) -> dict[str, Any]:
        """The document of an object."""
        return {
            "id": str(instance.pk),
            "name": instance.name,
            "description": instance.description,
            "labels": instance.labels,
            "spec": self.spec_of(instance),
            "created_at": text_of(instance.created_at),
        }

    def spec_of(self, instance: Any) -> dict[str, Any]:
        """The document, as far as people may see it."""
        return dict(instance.spec)
