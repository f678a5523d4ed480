"""The admin of postings: what was sent, and what did not arrive."""

from datetime import datetime
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin import SimpleListFilter, display
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.enums import ActionVariant

from accessplane.lib.admins import Shown, address_of, badge, link, moment_column
from accessplane.lib.deeds import Deed, Done, Viewing, viewing_of
from accessplane.lib.errors import DomainError
from chatops import selectors
from chatops.models import Posting
from chatops.services import sending
from chatops.states import PostingState
from identity.sessions import admin_actor_of

_LOOKS = {
    PostingState.DUE: (gettext_lazy("Due"), "amber", "schedule"),
    PostingState.SENT: (gettext_lazy("Sent"), "green", "check"),
    PostingState.FAILED: (gettext_lazy("Failed"), "red", "error"),
    PostingState.SKIPPED: (gettext_lazy("Skipped"), "grey", "skip_next"),
}


class SendAgain(Deed):
    """Have failed news sent again."""

    name, label, icon = "send-again", gettext_lazy("Send again"), "replay"
    variant = ActionVariant.PRIMARY
    explanation = gettext_lazy("It is tried for another day.")

    def is_for(self, viewing: Viewing) -> bool:
        return bool(viewing.subject.may("update", "channel"))

    def fits(self, obj: Posting, at: datetime) -> bool:
        return obj.state == PostingState.FAILED

    def do(self, request: HttpRequest, obj: Posting, said: dict[str, Any]) -> Done:
        _send_again(request, obj)
        return Done(_("It is being sent again. If it fails, it says so here."))


def _send_again(request: HttpRequest, posting: Posting) -> None:
    sending.send_again(
        posting_id=posting.pk,
        subject=viewing_of(request).subject,
        by=admin_actor_of(request),
        at=timezone.now(),
    )


class PostingStates(SimpleListFilter):
    """By how far a posting has come."""

    title = gettext_lazy("State")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(str(state), str(words[0])) for state, words in _LOOKS.items()]

    def queryset(
        self, request: HttpRequest, queryset: "QuerySet[Posting]"
    ) -> "QuerySet[Posting]":
        return queryset.filter(state=self.value()) if self.value() else queryset


@admin.register(Posting)
class Postings(Shown):
    """What was sent, what is on its way, and what did not arrive."""

    kind = "channel"
    verbs = ("read", "update")
    linked_by = ("channel__name",)
    list_display = ("event", "through", "whom", "current_state", "tries", "created", "problem")
    list_filter = (PostingStates,)
    search_fields = ("recipient", "channel__name", "error")
    search_help_text = gettext_lazy(
        "Part of a recipient, of a channel's name, or of what went wrong"
    )
    ordering = ("-created_at", "-id")
    actions = ("send_these_again",)
    deeds = (SendAgain(),)
    fieldsets = (
        (None, {"fields": ("event", "through", "by_route", "whom", "instead_of")}),
        (
            gettext_lazy("How it goes"),
            {"fields": ("current_state", "tries", "again", "gives_up", "problem")},
        ),
        (gettext_lazy("Time"), {"fields": ("created", "settled", "entry_link")}),
    )
    created = moment_column("created_at", gettext_lazy("Owed since"))
    settled = moment_column("settled_at", gettext_lazy("Settled"))
    again = moment_column("next_at", gettext_lazy("Next try"))
    gives_up = moment_column("give_up_at", gettext_lazy("Given up at"))

    def seen(self, viewing: Viewing) -> "QuerySet[Posting]":
        return selectors.postings_visible_to(viewing.subject)

    def title_of(self, obj: Posting) -> str:
        return _("%(type)s through %(name)s") % {
            "type": obj.entry.event.type,
            "name": obj.channel.name,
        }

    def has_send_permission(self, request: HttpRequest) -> bool:
        """Whether the action is offered."""
        return bool(viewing_of(request).subject.may("update", "channel"))

    @admin.action(description=gettext_lazy("Send again"), permissions=["send"])
    def send_these_again(self, request: HttpRequest, queryset: "QuerySet[Posting]") -> None:
        """Send again what failed among the chosen ones, and say how many that are."""
        sent = 0
        for posting in queryset.filter(state=PostingState.FAILED):
            try:
                _send_again(request, posting)
            except DomainError as refusal:
                messages.warning(request, refusal.detail)
            else:
                sent += 1
        messages.success(request, _("Messages that are sent again: %(sent)s.") % {"sent": sent})

    @display(description=gettext_lazy("News"), ordering="entry__event__type")
    def event(self, posting: Posting) -> str:
        kind = posting.entry.event.type
        return (
            _("%(kind)s, reminder %(round)s") % {"kind": kind, "round": posting.round}
            if posting.round
            else kind
        )

    @display(description=gettext_lazy("Channel"), ordering="channel__name")
    def through(self, posting: Posting) -> str:
        return posting.channel.name

    @display(description=gettext_lazy("Route"))
    def by_route(self, posting: Posting) -> str:
        return posting.route.name if posting.route else ""

    @display(description=gettext_lazy("Recipient"), ordering="recipient")
    def whom(self, posting: Posting) -> str:
        return posting.recipient

    @display(description=gettext_lazy("In place of"))
    def instead_of(self, posting: Posting) -> str:
        return posting.in_place_of

    @display(description=gettext_lazy("State"), ordering="state")
    def current_state(self, posting: Posting) -> SafeString:
        return badge(*_LOOKS[PostingState(posting.state)])

    @display(description=gettext_lazy("What went wrong"))
    def problem(self, posting: Posting) -> str:
        return posting.error

    @display(description=gettext_lazy("The event"))
    def entry_link(self, posting: Posting) -> SafeString:
        address = address_of("audit_ledgerentry", "change", posting.entry_id)
        return link(
            address, _("Number %(entry_id)s in the log") % {"entry_id": posting.entry_id}
        )
