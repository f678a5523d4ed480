"""Pages: which news goes through a channel, and to whom."""

from http import HTTPStatus
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from accessplane.lib.pages import Page
from chatops.models import ChannelConfig, Route
from chatops.services import setting_up
from chatops.services.setting_up import Misfit
from chatops.web.channel_forms import RouteForm
from chatops.web.visits import Visit


class AddRoute(Page):
    """A new route through a channel."""

    def get(self, request: HttpRequest, channel_id: UUID) -> HttpResponse:
        """Show the form."""
        visit = Visit.of(request)
        setting_up.check_may("create", "route", visit.subject)
        channel = visit.channel(channel_id)
        return _form_page(visit, RouteForm(initial={"name": channel.name}), channel, None)

    def post(self, request: HttpRequest, channel_id: UUID) -> HttpResponse:
        """Make it, and show its channel."""
        visit = Visit.of(request)
        setting_up.check_may("create", "route", visit.subject)
        return _keep(visit, RouteForm(request.POST), visit.channel(channel_id), None)


class EditRoute(Page):
    """Other news, or to others."""

    def get(self, request: HttpRequest, route_id: UUID) -> HttpResponse:
        """Show the form."""
        visit = Visit.of(request)
        setting_up.check_may("update", "route", visit.subject)
        route = visit.route(route_id)
        form = RouteForm(initial=route.spec | {"name": route.name})
        return _form_page(visit, form, route.channel, route)

    def post(self, request: HttpRequest, route_id: UUID) -> HttpResponse:
        """Change it, and show its channel."""
        visit = Visit.of(request)
        setting_up.check_may("update", "route", visit.subject)
        route = visit.route(route_id)
        filled = request.POST.copy()
        filled["name"] = route.name
        return _keep(visit, RouteForm(filled), route.channel, route)


def _keep(
    visit: Visit, form: RouteForm, channel: ChannelConfig, route: Route | None
) -> HttpResponse:
    """Make the route as the form says and show its channel; or the form with what is wrong."""
    if form.is_valid():
        try:
            setting_up.set_route_up(
                route,
                form.cleaned_data["name"],
                form.spec(channel.name),
                subject=visit.subject,
                by=visit.by,
                at=visit.at,
            )
        except Misfit as misfit:
            form.refuse(misfit)
        else:
            messages.info(visit.request, _("Saved. It counts for what happens from now on."))
            return redirect("channel-page", channel.pk)
    return _form_page(visit, form, channel, route, status=HTTPStatus.BAD_REQUEST)


def _form_page(
    visit: Visit,
    form: RouteForm,
    channel: ChannelConfig,
    route: Route | None,
    *,
    status: int = HTTPStatus.OK,
) -> HttpResponse:
    context = {
        "form": form,
        "channel": channel,
        "kind": setting_up.type_named(channel.type, channel.settings),
        "route": route,
    }
    return visit.show("chatops/route_form.html", context, status=status)
