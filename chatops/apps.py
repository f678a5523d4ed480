"""Telling, wired up."""

from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.utils.module_loading import autodiscover_modules


class ChatopsConfig(AppConfig):
    """Channels out."""

    name = "chatops"

    def ready(self) -> None:
        """Take the types of channels, hear of every event, and tell the log who sees what."""
        autodiscover_modules("events")  # a route may name the events of any app

        from audit import visibility
        from chatops import lifecycle, selectors, subscribers, tasks  # noqa: F401
        from chatops.channels import registry
        from chatops.channels.email.channel import Email
        from chatops.channels.pagerduty.channel import PagerDuty
        from chatops.channels.slack.channel import Slack
        from chatops.channels.webhook.channel import Webhook
        from chatops.services.channels import apply_channel
        from chatops.services.routes import apply_route
        from identity.services.configuration import Kind, register_kind
        from requests_app.telling import register_rooms

        registry.register(Email)
        registry.register(PagerDuty, recipients_from="pagerduty_services")
        registry.register(Slack)
        registry.register(Webhook)
        register_rooms(selectors.rooms_for)
        register_kind(Kind("channel", 10, apply_channel))
        register_kind(Kind("route", 11, apply_route))
        visibility.register_sight("channel", _ids(selectors.channels_visible_to))
        visibility.register_sight("route", _ids(selectors.routes_visible_to))
        visibility.register_sight("posting", _ids(selectors.postings_visible_to))
        if settings.ACCESSPLANE_RELAY_WAKE == "task":
            lifecycle.wake_with(lambda: _discard(tasks.send_due.delay()))


def _ids(visible_to: Any) -> Any:
    """The sight made of a selector of what a subject sees."""
    return lambda subject, _at: visible_to(subject).values("pk")


def _discard(_: object) -> None:
    """A waker answers nothing."""
