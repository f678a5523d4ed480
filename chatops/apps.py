"""Telling, wired up."""

from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.urls import reverse
from django.utils.module_loading import autodiscover_modules


class ChatopsConfig(AppConfig):
    """Channels out."""

    name = "chatops"
    verbose_name = "Messages"

    def ready(self) -> None:
        """Take the types of channels, hear of every event, and tell the log who sees what."""
        autodiscover_modules("events")  # a route may name the events of any app

        from audit import visibility
        from chatops import lifecycle, selectors, sights, subscribers, tasks  # noqa: F401
        from chatops.services import on_call
        from chatops.services.channels import apply_channel
        from chatops.services.routes import apply_route
        from identity.services.configuration import Kind, register_kind
        from policy.engines.rota import register_rota
        from requests_app.telling import register_messages, register_rooms

        _register_channels()
        register_rooms(selectors.rooms_for)
        register_rota(on_call.Channels())
        register_messages(selectors.told_about)
        register_kind(Kind("channel", 10, apply_channel))
        register_kind(Kind("route", 11, apply_route))
        visibility.register_sight(
            "channel", _ids(selectors.channels_visible_to), among=sights.channels_among
        )
        visibility.register_page(
            "channel", lambda about, _data: reverse("channel-page", args=[about.id])
        )
        visibility.register_sight(
            "route", _ids(selectors.routes_visible_to), among=sights.routes_among
        )
        visibility.register_sight(
            "posting", _ids(selectors.postings_visible_to), among=sights.channels_among
        )
        if settings.ACCESSPLANE_RELAY_WAKE == "task":
            lifecycle.wake_with(lambda: _discard(tasks.send_due.delay()))


def _register_channels() -> None:
    """Each type of channel, in a line."""
    from chatops.channels import registry
    from chatops.channels.apprise.channel import Apprise
    from chatops.channels.discord.channel import Discord
    from chatops.channels.email.channel import Email
    from chatops.channels.jira.channel import Jira
    from chatops.channels.mattermost.channel import Mattermost
    from chatops.channels.pagerduty.channel import PagerDuty
    from chatops.channels.slack.channel import Slack
    from chatops.channels.teams.channel import Teams
    from chatops.channels.webhook.channel import Webhook

    registry.register(Apprise)
    registry.register(Discord, people_as="user:{}")
    registry.register(Email, title="E-mail")
    registry.register(Jira)
    registry.register(Mattermost)
    registry.register(PagerDuty, title="PagerDuty", recipients_from="pagerduty_services")
    registry.register(Slack)
    registry.register(
        Teams,
        title="Microsoft Teams",
        recipients_unless="webhook_url",
        people_if="tell_people",
    )
    registry.register(Webhook)


def _ids(visible_to: Any) -> Any:
    """The sight made of a selector of what a subject sees."""
    return lambda subject, _at: visible_to(subject).values("pk")


def _discard(_: object) -> None:
    """A waker answers nothing."""
