"""The admin of who is told in whose place, and of the accounts that act as whom."""

from typing import Any

from django.contrib import admin
from django.contrib.admin import display
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.enums import ActionVariant

from accessplane.lib.admins import Shown, badge, moment_column
from accessplane.lib.deeds import Deed, Done, Viewing, viewing_of
from chatops import selectors
from chatops.models import Delegation, LinkedAccount
from chatops.services import answers
from identity.sessions import admin_actor_of


class Unlink(Deed):
    """Let an account act as nobody any more."""

    name, label, icon = "unlink", gettext_lazy("Unlink"), "link_off"
    variant = ActionVariant.DANGER
    warning = gettext_lazy("What is done with this account counts as nobody's from now on.")

    def is_for(self, viewing: Viewing) -> bool:
        return bool(viewing.subject.may("update", "user"))

    def do(self, request: HttpRequest, obj: LinkedAccount, said: dict[str, Any]) -> Done:
        answers.unlink_anybodys_account(
            account_id=obj.pk,
            subject=viewing_of(request).subject,
            by=admin_actor_of(request),
            at=timezone.now(),
        )
        return Done(_("The account no longer acts as %(email)s.") % {"email": obj.user.email})


@admin.register(Delegation)
class Delegations(Shown):
    """Who is away, and who is told instead."""

    kind = "user"
    linked_by = ("user__email",)
    list_display = ("away", "told", "starts", "ends", "state")
    list_display_links = ("away",)
    search_fields = ("user__email", "delegate__email")
    search_help_text = gettext_lazy("Part of an address")
    ordering = ("-ends_at", "-id")
    fieldsets = ((None, {"fields": ("away", "told", "state", "starts", "ends", "made")}),)
    starts = moment_column("starts_at", gettext_lazy("From"))
    ends = moment_column("ends_at", gettext_lazy("Until"))
    made = moment_column("created_at", gettext_lazy("Made"))

    def seen(self, viewing: Viewing) -> "QuerySet[Delegation]":
        return selectors.delegations_visible_to(viewing.subject)

    def title_of(self, obj: Delegation) -> str:
        return _("%(delegate)s instead of %(user)s") % {
            "delegate": obj.delegate.email,
            "user": obj.user.email,
        }

    def history_of(self, obj: Delegation) -> Any:
        return obj.user_id

    @display(description=gettext_lazy("Away"), ordering="user__email")
    def away(self, delegation: Delegation) -> str:
        return delegation.user.email

    @display(description=gettext_lazy("Told instead"), ordering="delegate__email")
    def told(self, delegation: Delegation) -> str:
        return delegation.delegate.email

    @display(description=gettext_lazy("State"))
    def state(self, delegation: Delegation) -> SafeString:
        at = timezone.now()
        if delegation.ends_at <= at:
            return badge(_("Over"), "grey", "check")
        if delegation.starts_at > at:
            return badge(_("To come"), "blue", "event")
        return badge(_("In force"), "green", "swap_horiz")


@admin.register(LinkedAccount)
class LinkedAccounts(Shown):
    """Which accounts elsewhere act as whom."""

    kind = "user"
    linked_by = ("user__email",)
    list_display = ("account", "through", "whose", "linked")
    search_fields = ("external_id", "user__email", "channel__name")
    search_help_text = gettext_lazy(
        "Part of the account, of an address, or of the channel's name"
    )
    ordering = ("user__email", "id")
    deeds = (Unlink(),)
    fieldsets = ((None, {"fields": ("account", "through", "whose", "linked")}),)
    linked = moment_column("linked_at", gettext_lazy("Linked"))

    def seen(self, viewing: Viewing) -> "QuerySet[LinkedAccount]":
        return selectors.accounts_visible_to(viewing.subject)

    def title_of(self, obj: LinkedAccount) -> str:
        return f"{obj.external_id} as {obj.user.email}"

    def history_of(self, obj: LinkedAccount) -> Any:
        return obj.user_id

    @display(description=gettext_lazy("Account"), ordering="external_id")
    def account(self, account: LinkedAccount) -> str:
        return account.external_id

    @display(description=gettext_lazy("Channel"), ordering="channel__name")
    def through(self, account: LinkedAccount) -> str:
        return account.channel.name

    @display(description=gettext_lazy("Acts as"), ordering="user__email")
    def whose(self, account: LinkedAccount) -> str:
        return account.user.email
