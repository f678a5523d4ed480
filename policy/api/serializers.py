"""What goes out about workflows."""

from typing import Any

from rest_framework import serializers

from accessplane.lib.instants import text_of
from policy.models import Workflow


class WorkflowDocument(serializers.Serializer[Any]):
    """A workflow; `spec` is its document, with no secret in it."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    description = serializers.CharField(allow_blank=True)
    labels = serializers.DictField(child=serializers.CharField())
    spec = serializers.DictField()
    created_at = serializers.DateTimeField()

    def to_representation(self, instance: Workflow) -> dict[str, Any]:
        """The document of a workflow."""
        return {
            "id": str(instance.pk),
            "name": instance.name,
            "description": instance.description,
            "labels": instance.labels,
            "spec": instance.shown_spec(),
            "created_at": text_of(instance.created_at),
        }
