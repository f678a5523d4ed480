"""The admin of API tokens."""

from typing import Any

from django.contrib import admin
from django.contrib.admin import SimpleListFilter, display
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext
from unfold.enums import ActionVariant

from accessplane.lib.admins import (
    Shown,
    address_of,
    badge,
    link,
    moment_column,
)
from accessplane.lib.deeds import Deed, Done, Viewing, viewing_of
from identity import selectors
from identity.models import ApiToken
from identity.services import tokens
from identity.sessions import admin_actor_of


class RevokeToken(Deed):
    """End an API token."""

    name, label, icon = "revoke", gettext_lazy("Revoke"), "block"
    variant = ActionVariant.DANGER
    warning = gettext_lazy("Whatever uses this token is turned away from its next call on.")

    def is_for(self, viewing: Viewing) -> bool:
        return bool(viewing.subject.may("revoke", "token"))

    def fits(self, obj: ApiToken, at: Any) -> bool:
        return obj.is_open(at)

    def do(self, request: HttpRequest, obj: ApiToken, said: dict[str, Any]) -> Done:
        tokens.revoke_anybodys_token(
            token_id=obj.pk,
            subject=viewing_of(request).subject,
            by=admin_actor_of(request),
            at=timezone.now(),
        )
        return Done(
            _("The token of %(email)s opens nothing any more.") % {"email": obj.user.email}
        )


class Opens(SimpleListFilter):
    """Whether a token opens anything."""

    title = gettext_lazy("Opens something")
    parameter_name = "open"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("yes", _("Yes")), ("no", _("No longer"))]

    def queryset(
        self, request: HttpRequest, queryset: "QuerySet[ApiToken]"
    ) -> "QuerySet[ApiToken]":
        at = viewing_of(request).at
        usable = Q(revoked_at=None) & (Q(expires_at=None) | Q(expires_at__gt=at))
        usable &= Q(user__is_active=True)
        match self.value():
            case "yes":
                return queryset.filter(usable)
            case "no":
                return queryset.exclude(usable)
            case _:
                return queryset


@admin.register(ApiToken)
class Tokens(Shown):
    """Who can act over the API. Secrets are not here: the plane has forgotten them."""

    kind = "token"
    verbs = ("read", "revoke")
    nouns = ("API token", "API tokens")
    linked_by = ("user__email",)
    list_display = ("title", "user", "created", "ends", "state")
    list_filter = (Opens,)
    search_fields = ("user__email", "name")
    search_help_text = gettext_lazy("Part of an address or of the token's name")
    ordering = ("-created_at", "-id")
    deeds = (RevokeToken(),)
    fieldsets = ((None, {"fields": ("title", "whose", "state", "created", "ends", "revoked")}),)
    created = moment_column("created_at", gettext_lazy("Made"))
    ends = moment_column("expires_at", gettext_lazy("Ends"))
    revoked = moment_column("revoked_at", gettext_lazy("Revoked"))

    def seen(self, viewing: Viewing) -> "QuerySet[ApiToken]":
        return selectors.tokens_visible_to(viewing.subject)

    def title_of(self, obj: ApiToken) -> str:
        return _("%(title)s of %(email)s") % {"title": self.title(obj), "email": obj.user.email}

    @display(description=gettext_lazy("Name"), ordering="name")
    def title(self, token: ApiToken) -> str:
        return token.name or _("Token without a name")

    @display(description=gettext_lazy("Whose"))
    def whose(self, token: ApiToken) -> SafeString:
        return link(address_of("identity_user", "change", token.user_id), token.user.email)

    @display(description=gettext_lazy("State"))
    def state(self, token: ApiToken) -> SafeString:
        if token.revoked_at:
            return badge(_("Revoked"), "red", "block")
        if not token.is_open(timezone.now()):
            return badge(_("Expired"), "grey", "hourglass_disabled")
        if not token.user.is_active:
            return badge(_("User inactive"), "grey", "person_off")
        return badge(pgettext("token", "Open"), "green", "check")
