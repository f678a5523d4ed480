"""Workflows, wired up."""

from django.apps import AppConfig


class PolicyConfig(AppConfig):
    """May it be."""

    name = "policy"
    verbose_name = "Workflows"

    def ready(self) -> None:
        """Take part in configuration by documents; after users and channels, which workflows name."""
        from audit import visibility
        from identity.services.configuration import Kind, register_kind
        from policy import selectors
        from policy.services import apply_workflow

        visibility.register_sight(
            "workflow",
            lambda subject, _at: selectors.workflows_visible_to(subject).values("pk"),
        )
        register_kind(Kind("workflow", 12, apply_workflow))
