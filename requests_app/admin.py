"""The admin of access requests and grants: states are shown, and moved by use cases alone."""

from datetime import datetime
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin import SimpleListFilter, display
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.enums import ActionVariant
from unfold.views import ChangeList
from unfold.widgets import UnfoldAdminTextareaWidget

from accessplane.lib.admins import Shown, address_of, badge, link, moment_column, moment_text
from accessplane.lib.deeds import Deed, Done, Viewing, viewing_of
from accessplane.lib.durations import in_words
from accessplane.lib.errors import NotFound
from identity.sessions import admin_actor_of, user_of
from requests_app import page_data, selectors
from requests_app.models import AccessRequest, Grant
from requests_app.services import granting, reading
from requests_app.states import GrantState, RequestState, state_word

_REASON_LENGTH = 80
_LOOKS = {
    "PENDING": ("amber", "schedule"),
    "APPROVED": ("green", "check_circle"),
    "DENIED": ("red", "cancel"),
    "EXPIRED": ("grey", "hourglass_disabled"),
    "CANCELLED": ("grey", "do_not_disturb_on"),
    "SCHEDULED": ("blue", "event"),
    "ACTIVE": ("green", "key"),
    "ENDED": ("grey", "logout"),
    "REVOKED": ("red", "block"),
}


def state_badge(state: str) -> SafeString:
    """A state as everywhere: its icon and its word."""
    return badge(state_word(state), *_LOOKS[state])


class AnyState(SimpleListFilter):
    """A filter by the state at this moment, whether a job has noted it or not."""

    title = gettext_lazy("State")
    parameter_name = "state"
    states: Any

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(str(state), state_word(state)) for state in self.states]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        if self.value() not in {str(state) for state in self.states}:
            return queryset
        return queryset.in_state(self.states(self.value()), viewing_of(request).at)


class RequestStates(AnyState):
    """By the state of requests."""

    states = RequestState


class GrantStates(AnyState):
    """By the state of grants."""

    states = GrantState


@admin.register(AccessRequest)
class Requests(Shown):
    """What was asked for, and what became of it."""

    kind = "access_request"
    verbs = ("read", "update")
    linked_by = ("requester__email",)
    list_display = ("asked_for", "requester", "current_state", "why", "created", "resolved")
    list_display_links = ("asked_for",)
    list_filter = (RequestStates, "forced")
    search_fields = ("requester__email", "reason", "requested_roles__name")
    search_help_text = gettext_lazy("Part of an address, of a reason, or of a role's name")
    ordering = ("-created_at", "-id")
    change_form_after_template = "requests_app/admin_request.html"
    fieldsets = (
        (
            None,
            {"fields": ("asked_for", "who", "current_state", "whole_reason", "see")},
        ),
        (
            gettext_lazy("Time"),
            {"fields": ("length", "start", "created", "waits", "resolved")},
        ),
        (
            gettext_lazy("Circumstances"),
            {"fields": ("door", "suggested", "remarks", "resolve_reason", "extended")},
        ),
    )
    created = moment_column("created_at", gettext_lazy("Asked"))
    start = moment_column("start_time", gettext_lazy("Wished start"))

    def seen(self, viewing: Viewing) -> "QuerySet[AccessRequest]":
        visible = selectors.visible_to(viewing.subject)
        return visible.select_related("requester", "author", "extends__role")

    def title_of(self, obj: AccessRequest) -> str:
        return _("%(roles)s for %(email)s") % {
            "roles": ", ".join(obj.roles),
            "email": obj.requester.email,
        }

    def more(self, request: HttpRequest, obj: AccessRequest) -> dict[str, Any]:
        try:
            page = page_data.request_page(user_of(request), obj.pk, at=viewing_of(request).at)
        except NotFound:  # somebody lost a right between two looks
            return {}
        names = ("document", "needs", "timeline", "at", "grants")
        return {"page": {name: page[name] for name in names}, "at": page["at"]}

    @display(description=gettext_lazy("Roles"))
    def asked_for(self, request: AccessRequest) -> str:
        return ", ".join(request.roles)

    @display(description=gettext_lazy("For whom"))
    def who(self, request: AccessRequest) -> SafeString:
        requester, author = request.requester, request.author
        person = link(address_of("identity_user", "change", requester.pk), requester.email)
        if author.pk == requester.pk:
            return person
        return format_html(_("{}, asked for by {}"), person, author.email)

    @display(description=gettext_lazy("State"), ordering="state")
    def current_state(self, request: AccessRequest) -> SafeString:
        found = state_badge(request.state_at(timezone.now()))
        return found + badge(_("By force"), "amber", "gavel") if request.forced else found

    @display(description=gettext_lazy("Reason"))
    def why(self, request: AccessRequest) -> str:
        return Truncator(request.reason).chars(_REASON_LENGTH)

    @display(description=gettext_lazy("Reason"))
    def whole_reason(self, request: AccessRequest) -> str:
        return request.reason

    @display(description=gettext_lazy("On the pages"))
    def see(self, request: AccessRequest) -> SafeString:
        return link(reverse("request-page", args=[request.pk]), _("Open the request"))

    @display(description=gettext_lazy("For how long"))
    def length(self, request: AccessRequest) -> str:
        return in_words(request.duration)

    @display(description=gettext_lazy("Waits until"))
    def waits(self, request: AccessRequest) -> str:
        return moment_text(request.waits_until)

    @display(description=gettext_lazy("Resolved"), ordering="resolved_at")
    def resolved(self, request: AccessRequest) -> str:
        return moment_text(request.resolved_by(timezone.now()))

    @display(description=gettext_lazy("Asked through"))
    def door(self, request: AccessRequest) -> str:
        return request.via

    @display(description=gettext_lazy("Suggested reviewers"))
    def suggested(self, request: AccessRequest) -> str:
        return ", ".join(request.suggested_reviewers)

    @display(description=gettext_lazy("Annotations"))
    def remarks(self, request: AccessRequest) -> str:
        return "; ".join(
            f"{name}: {', '.join(values)}" for name, values in request.annotations.items()
        )

    @display(description=gettext_lazy("Would extend"))
    def extended(self, request: AccessRequest) -> Any:
        grant = request.extends
        if grant is None:
            return ""
        return link(address_of("requests_app_grant", "change", grant.pk), grant.role.name)


class Reason(forms.Form):
    """Why access is taken away."""

    reason = forms.CharField(
        required=False,
        strip=False,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
        help_text=gettext_lazy("Its holder can read this, and it stays in the log."),
    )


class Revoke(Deed):
    """Take access away."""

    name, label, icon = "revoke", gettext_lazy("Revoke"), "block"
    variant = ActionVariant.DANGER
    form = Reason
    warning = gettext_lazy("The access ends at once.")
    field_of = {"reason_required": "reason", "reason_too_long": "reason"}

    def is_for(self, viewing: Viewing) -> bool:
        return bool(viewing.subject.may("revoke", "grant"))

    def fits(self, obj: Grant, at: datetime) -> bool:
        return not obj.is_over(at)

    def do(self, request: HttpRequest, obj: Grant, said: dict[str, Any]) -> Done:
        granting.revoke_grant(
            grant_id=obj.pk,
            user=user_of(request),
            reason=said["reason"].replace("\r\n", "\n"),
            by=admin_actor_of(request),
            at=timezone.now(),
        )
        return Done(
            _("%(email)s does not hold %(name)s through this grant any more.")
            % {"email": obj.user.email, "name": obj.role.name}
        )


class SettledList(ChangeList):  # type: ignore[misc]  # unfold has no types
    """A page of grants, none of which waits to be started (SEMANTICS 7.5)."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        rows: Any = vars(self)["result_list"]
        self.result_list = reading.settled_grants(
            lambda: list(rows.all()), at=viewing_of(request).at
        )


@admin.register(Grant)
class Grants(Shown):
    """Who holds what for a while."""

    kind = "grant"
    verbs = ("read", "revoke")
    linked_by = ("user__email", "role__name")
    list_display = ("what", "user", "current_state", "starts", "ends")
    list_display_links = ("what",)
    list_filter = (GrantStates,)
    search_fields = ("user__email", "role__name")
    search_help_text = gettext_lazy("Part of an address or of a role's name")
    ordering = ("-starts_at", "-id")
    deeds = (Revoke(),)
    fieldsets = (
        (None, {"fields": ("what", "holder", "current_state", "because_of")}),
        (gettext_lazy("Time"), {"fields": ("starts", "ends", "closed", "closed_reason")}),
    )
    starts = moment_column("starts_at", gettext_lazy("Begins"))
    ends = moment_column("ends_at", gettext_lazy("Ends"))
    closed = moment_column("closed_at", gettext_lazy("Closed before its end"))

    def seen(self, viewing: Viewing) -> "QuerySet[Grant]":
        visible = selectors.grants_visible_to(viewing.subject)
        return visible.select_related("user", "role", "request__requester")

    def title_of(self, obj: Grant) -> str:
        return _("%(name)s for %(email)s") % {"name": obj.role.name, "email": obj.user.email}

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return SettledList

    def get_object(
        self, request: HttpRequest, object_id: str, from_field: str | None = None
    ) -> Grant | None:
        found: Grant | None = super().get_object(request, object_id, from_field)
        if found is None:
            return None
        one = self.get_queryset(request).filter(pk=found.pk)
        settled = reading.settled_grants(lambda: list(one.all()), at=viewing_of(request).at)
        return next(iter(settled), None)

    @display(description=gettext_lazy("Role"), ordering="role__name")
    def what(self, grant: Grant) -> str:
        return grant.role.name

    @display(description=gettext_lazy("Held by"))
    def holder(self, grant: Grant) -> SafeString:
        return link(address_of("identity_user", "change", grant.user_id), grant.user.email)

    @display(description=gettext_lazy("State"), ordering="state")
    def current_state(self, grant: Grant) -> SafeString:
        return state_badge(grant.state_at(timezone.now()))

    @display(description=gettext_lazy("Because of"))
    def because_of(self, grant: Grant) -> SafeString:
        address = address_of("requests_app_accessrequest", "change", grant.request_id)
        return link(address, _("The request"))
