"""What the pages about channels share: who comes, and what of it he may see."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Any, Self
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from accessplane.lib.actors import Actor
from accessplane.lib.errors import NotFound
from chatops import selectors
from chatops.models import ChannelConfig, Route
from identity.models import User
from identity.selectors import subject_of
from identity.sessions import actor_of, user_of
from identity.subject import Subject
from requests_app import page_data


@dataclass(frozen=True, slots=True)
class Visit:
    """Somebody who sees channels, at a page about them, at one moment."""

    request: HttpRequest
    user: User
    subject: Subject
    by: Actor
    at: datetime

    @classmethod
    def of(cls, request: HttpRequest) -> Self:
        """The visit of whoever makes this request; for people who see no channels, `NotFound`."""
        at, user = timezone.now(), user_of(request)
        subject = subject_of(user, at=at)
        if not selectors.sees_channels(subject):
            raise NotFound(_("There is no such page."))
        return cls(request, user, subject, actor_of(request), at)

    def channel(self, channel_id: UUID) -> ChannelConfig:
        """The channel with this id; `NotFound`."""
        visible = selectors.channels_visible_to(self.subject)
        channel = visible.filter(pk=channel_id).first()
        if channel is None:
            raise NotFound(_("There is no such channel."))
        return channel

    def route(self, route_id: UUID) -> Route:
        """The route with this id; `NotFound`."""
        route = selectors.routes_visible_to(self.subject).filter(pk=route_id).first()
        if route is None:
            raise NotFound(_("There is no such route."))
        return route

    def show(
        self, template: str, context: Mapping[str, Any], *, status: int = HTTPStatus.OK
    ) -> HttpResponse:
        """The page, with what every page shows."""
        common = page_data.common(self.subject, at=self.at)
        return render(self.request, template, {**common, **context}, status=status)
