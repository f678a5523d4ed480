"""The log, wired up."""

from django.apps import AppConfig
from django.conf import settings
from django.utils import timezone


class AuditConfig(AppConfig):
    """What happened."""

    name = "audit"

    def ready(self) -> None:
        """Plug in what wakes the relay after a commit."""
        from audit import outbox, services, tasks

        if settings.ACCESSPLANE_RELAY_WAKE == "inline":
            outbox.wake_with(lambda: _discard(services.drain(at=timezone.now())))
        else:
            outbox.wake_with(lambda: _discard(tasks.drain.delay()))


def _discard(_: object) -> None:
    """A waker answers nothing."""
