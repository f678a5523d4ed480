"""The admin of channels and routes."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import admin
from django.contrib.admin import display
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.enums import ActionVariant

from accessplane.lib.admins import Shown, active_badge, link, moment_column, preformatted
from accessplane.lib.deeds import Deed, Done, Viewing, viewing_of
from chatops import selectors
from chatops.models import ChannelConfig, Route
from chatops.services import channels
from chatops.services.channels import shown_spec
from identity import documents
from identity.editing import Edit, New
from identity.sessions import admin_actor_of

_NEW_CHANNEL = """\
kind: channel
version: v1
metadata:
  name: the-name-of-the-channel
spec:
  type: webhook
  settings:
    url: https://example.com/
    secret: env:NAME_OF_A_VARIABLE
"""
_NEW_ROUTE = """\
kind: route
version: v1
metadata:
  name: the-name-of-the-route
spec:
  channel: the-name-of-a-channel
  events: [access_request.created]
"""


def channel_text(channel: ChannelConfig) -> str:
    """The document of a channel, its secrets left out."""
    return documents.to_yaml(
        "channel",
        channel.name,
        shown_spec(channel),
        description=channel.description,
        labels=channel.labels,
    )


def route_text(route: Route) -> str:
    """The document of a route."""
    return documents.to_yaml(
        "route", route.name, route.spec, description=route.description, labels=route.labels
    )


class SendSample(Deed):
    """Try a channel."""

    name, label, icon = "sample", gettext_lazy("Send a sample"), "send"
    variant = ActionVariant.PRIMARY
    explanation = gettext_lazy(
        "A made-up event goes through this channel now, and the answer is shown."
    )

    def is_for(self, viewing: Viewing) -> bool:
        return bool(viewing.subject.may("update", "channel"))

    def do(self, request: HttpRequest, obj: ChannelConfig, said: dict[str, Any]) -> Done:
        report = channels.send_sample(
            name=obj.name,
            subject=viewing_of(request).subject,
            by=admin_actor_of(request),
            at=timezone.now(),
        )
        if report.delivered:
            return Done(
                (_("The sample arrived. %(detail)s") % {"detail": report.detail}).strip()
            )
        return Done(
            (_("The sample did not arrive. %(detail)s") % {"detail": report.detail}).strip(),
            is_well=False,
        )


@admin.register(ChannelConfig)
class Channels(Shown):
    """The ways out, without their secrets."""

    kind = "channel"
    verbs = ("read", "update")
    nouns = ("channel", "channels")
    list_display = ("name", "type", "state", "trouble", "since")
    list_filter = ("is_active",)
    search_fields = ("name", "description")
    search_help_text = gettext_lazy("Part of a name or a description")
    ordering = ("name",)
    deeds = (
        SendSample(),
        Edit("channel", text_of=channel_text, name_of=lambda channel: channel.name),
    )
    openings = (New("channel", begin_with=_NEW_CHANNEL, model=ChannelConfig),)
    fieldsets = (
        (None, {"fields": ("name", "description", "type", "state", "since", "see")}),
        (gettext_lazy("Problem"), {"fields": ("trouble", "troubled_since")}),
        (gettext_lazy("Document"), {"fields": ("document",)}),
    )
    since = moment_column("created_at", gettext_lazy("Since"))
    troubled_since = moment_column("problem_at", gettext_lazy("Since when"))

    def seen(self, viewing: Viewing) -> "QuerySet[ChannelConfig]":
        return selectors.channels_visible_to(viewing.subject)

    @display(description=gettext_lazy("State"), ordering="is_active")
    def state(self, channel: ChannelConfig) -> SafeString:
        return active_badge(channel.is_active)

    @display(description=gettext_lazy("Problem"))
    def trouble(self, channel: ChannelConfig) -> str:
        return channel.problem

    @display(description=gettext_lazy("See also"))
    def see(self, channel: ChannelConfig) -> SafeString:
        postings = reverse("admin:chatops_posting_changelist")
        wanted = urlencode({"channel__name": channel.name})
        return link(f"{postings}?{wanted}", _("What was sent through it"))

    @display(description=gettext_lazy("As it would be applied"))
    def document(self, channel: ChannelConfig) -> SafeString:
        return preformatted(channel_text(channel))


@admin.register(Route)
class Routes(Shown):
    """Which news goes where."""

    kind = "route"
    verbs = ("read", "update")
    list_display = ("name", "through", "description", "state", "since")
    list_filter = ("is_active",)
    search_fields = ("name", "description", "channel__name")
    search_help_text = gettext_lazy("Part of a name, a description or of the channel's name")
    ordering = ("name",)
    deeds = (Edit("route", text_of=route_text, name_of=lambda route: route.name),)
    openings = (New("route", begin_with=_NEW_ROUTE, model=Route),)
    fieldsets = (
        (None, {"fields": ("name", "description", "through", "state", "since")}),
        (gettext_lazy("Document"), {"fields": ("document",)}),
    )
    since = moment_column("created_at", gettext_lazy("Since"))

    def seen(self, viewing: Viewing) -> "QuerySet[Route]":
        return selectors.routes_visible_to(viewing.subject)

    @display(description=gettext_lazy("Channel"), ordering="channel__name")
    def through(self, route: Route) -> str:
        return route.channel.name

    @display(description=gettext_lazy("State"), ordering="is_active")
    def state(self, route: Route) -> SafeString:
        return active_badge(route.is_active)

    @display(description=gettext_lazy("As it would be applied"))
    def document(self, route: Route) -> SafeString:
        return preformatted(route_text(route))
