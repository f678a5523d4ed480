"""The frame as a Django app: it brings the commands and the system checks."""

from django.apps import AppConfig
from django.contrib.admin.apps import SimpleAdminConfig


class AccessPlaneConfig(AppConfig):
    """The frame."""

    name = "accessplane"

    def ready(self) -> None:
        """Register the checks."""
        from accessplane import checks

        checks.register_all()


class AdminConfig(SimpleAdminConfig):
    """Django's admin with our site; it looks for no package's admin by itself (ADR 0025)."""

    default_site = "accessplane.admin.site.PlaneAdmin"
