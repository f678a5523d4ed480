"""The frame as a Django app: it brings the commands and the system checks."""

from django.apps import AppConfig


class AccessPlaneConfig(AppConfig):
    """The frame."""

    name = "accessplane"

    def ready(self) -> None:
        """Register the checks."""
        from accessplane import checks

        checks.register_all()
