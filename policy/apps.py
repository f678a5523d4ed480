"""Workflows, wired up."""

from django.apps import AppConfig


class PolicyConfig(AppConfig):
    """May it be."""

    name = "policy"

    def ready(self) -> None:
        """Take part in configuration by documents; after users, whom workflows name."""
        from identity.services.configuration import Kind, register_kind
        from policy.services import apply_workflow

        register_kind(Kind("workflow", 2, apply_workflow))
