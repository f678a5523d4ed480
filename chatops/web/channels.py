"""Pages: the channels, setting one up, and trying it."""

from http import HTTPStatus
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from accessplane.lib.errors import InvalidInput, NotFound
from accessplane.lib.pages import Button, Page
from chatops import selectors
from chatops.models import ChannelConfig
from chatops.services import channels, setting_up
from chatops.services.setting_up import ChannelType, Misfit
from chatops.states import PostingState
from chatops.web.channel_forms import ChannelForm, SampleForm
from chatops.web.visits import Visit

_FAILED = 5


class Channels(Page):
    """All channels."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show them by name, and the types that one can be added of."""
        visit = Visit.of(request)
        types = setting_up.types()
        titles = {kind.name: kind.title for kind in types}
        found = selectors.channels_visible_to(visit.subject).counted()
        context = {
            "channels": [
                (channel, titles.get(channel.type, channel.type))
                for channel in found.order_by("-is_active", "name")
            ],
            "types": types if visit.subject.may("create", "channel") else [],
        }
        return visit.show("chatops/channels.html", context)


class AddChannel(Page):
    """A new channel of one type."""

    def get(self, request: HttpRequest, kind: str) -> HttpResponse:
        """Show the form."""
        visit = Visit.of(request)
        setting_up.check_may("create", "channel", visit.subject)
        found = _type(kind)
        return _form_page(visit, ChannelForm(found, initial={"name": found.name}), None)

    def post(self, request: HttpRequest, kind: str) -> HttpResponse:
        """Make it, and show it."""
        visit = Visit.of(request)
        setting_up.check_may("create", "channel", visit.subject)
        return _keep(visit, ChannelForm(_type(kind), request.POST), None)


class OneChannel(Page):
    """One channel: how it is set up, what goes through it, and how that went."""

    def get(self, request: HttpRequest, channel_id: UUID) -> HttpResponse:
        """Show it."""
        visit = Visit.of(request)
        channel = visit.channel(channel_id)
        reaches_people = setting_up.type_named(channel.type, channel.settings).reaches_people
        form = SampleForm(initial={"to": visit.user.email if reaches_people else ""})
        return _channel_page(visit, channel, form)


class EditChannel(Page):
    """Other settings for a channel."""

    def get(self, request: HttpRequest, channel_id: UUID) -> HttpResponse:
        """Show the form, without any secret."""
        visit = Visit.of(request)
        setting_up.check_may("update", "channel", visit.subject)
        channel = visit.channel(channel_id)
        shown = channels.shown_settings(channel)
        initial = {f"set_{name}": value for name, value in shown.items()} | {
            "name": channel.name,
            "description": channel.description,
            "active": channel.is_active,
        }
        kind = setting_up.type_named(channel.type, channel.settings)
        return _form_page(visit, ChannelForm(kind, initial=initial, kept=shown), channel)

    def post(self, request: HttpRequest, channel_id: UUID) -> HttpResponse:
        """Change it, and show it."""
        visit = Visit.of(request)
        setting_up.check_may("update", "channel", visit.subject)
        channel = visit.channel(channel_id)
        filled = request.POST.copy()
        filled["name"] = channel.name  # a name is for good: routes go by it
        kind = setting_up.type_named(channel.type, channel.settings)
        form = ChannelForm(kind, filled, kept=channels.shown_settings(channel))
        return _keep(visit, form, channel)


class Sample(Button):
    """The address of the button that sends a sample."""

    page = "channel-page"
    parts = ("channel_id",)

    def post(self, request: HttpRequest, channel_id: UUID) -> HttpResponse:
        """Send it now, and say how that went."""
        visit = Visit.of(request)
        channel = visit.channel(channel_id)
        form = SampleForm(request.POST)
        if not form.is_valid():
            return _channel_page(visit, channel, form, status=HTTPStatus.BAD_REQUEST)
        report = channels.send_sample(
            name=channel.name,
            to=form.cleaned_data["to"].strip(),
            subject=visit.subject,
            by=visit.by,
            at=visit.at,
        )
        if report.delivered:
            messages.info(
                request, _("The sample was delivered: %(detail)s") % {"detail": report.detail}
            )
        else:
            messages.warning(
                request,
                _("The sample was not delivered. %(detail)s") % {"detail": report.detail},
            )
        return redirect("channel-page", channel.pk)


def _type(kind: str) -> ChannelType:
    try:
        return setting_up.type_named(kind)
    except InvalidInput as refusal:
        raise NotFound(_("There is no such type of channel.")) from refusal


def _keep(visit: Visit, form: ChannelForm, channel: ChannelConfig | None) -> HttpResponse:
    """Make the channel as the form says and show it; or the form with what is wrong."""
    if form.is_valid():
        try:
            kept = setting_up.set_channel_up(
                channel, form.wanted(), subject=visit.subject, by=visit.by, at=visit.at
            )
        except Misfit as misfit:
            form.refuse(misfit)
        else:
            messages.info(visit.request, _("Saved. Send a sample to see whether it works."))
            return redirect("channel-page", kept.pk)
    return _form_page(visit, form, channel, status=HTTPStatus.BAD_REQUEST)


def _form_page(
    visit: Visit,
    form: ChannelForm,
    channel: ChannelConfig | None,
    *,
    status: int = HTTPStatus.OK,
) -> HttpResponse:
    context = {"form": form, "kind": form.kind, "channel": channel}
    return visit.show("chatops/channel_form.html", context, status=status)


def _channel_page(
    visit: Visit, channel: ChannelConfig, form: SampleForm, *, status: int = HTTPStatus.OK
) -> HttpResponse:
    subject = visit.subject
    postings = selectors.postings_visible_to(subject).filter(channel=channel)
    failed = postings.filter(state=PostingState.FAILED).order_by("-settled_at", "-pk")
    routes = selectors.routes_visible_to(subject).filter(channel=channel)
    context = {
        "channel": channel,
        "kind": setting_up.type_named(channel.type, channel.settings),
        "settings": channels.shown_settings(channel),
        "routes": [(route, route.parsed()) for route in routes.order_by("name")],
        "failed": failed[:_FAILED],
        "form": form,
        "may_update": subject.may("update", "channel"),
        "may_add_route": subject.may("create", "route"),
        "may_update_route": subject.may("update", "route"),
    }
    return visit.show("chatops/channel_page.html", context, status=status)
