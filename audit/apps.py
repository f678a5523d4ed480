"""The log, wired up."""

from django.apps import AppConfig
from django.conf import settings
from django.utils import timezone


class AuditConfig(AppConfig):
    """What happened."""

    name = "audit"
    verbose_name = "Record"

    def ready(self) -> None:
        """Plug in what wakes the relay after a commit, and the readers after the relay."""
        from audit import outbox, services, tasks, watching

        watcher = watching.Watcher(
            clock=lambda: timezone.now(),  # noqa: PLW0108 - looked up at each call
            look_every=settings.ACCESSPLANE_STREAM_LOOK_EVERY,
        )
        watching.watch_with(watcher)
        outbox.tell_with(watcher.wake)

        if settings.ACCESSPLANE_RELAY_WAKE == "inline":
            outbox.wake_with(lambda: _discard(services.drain(at=timezone.now())))
        else:
            outbox.wake_with(lambda: _discard(tasks.drain.delay()))


def _discard(_: object) -> None:
    """A waker answers nothing."""
