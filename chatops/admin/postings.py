"""The admin of postings: what was sent, and what did not arrive."""

from datetime import datetime
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin import SimpleListFilter, display
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.safestring import SafeString
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
    PostingState.DUE: ("Due", "amber", "schedule"),
    PostingState.SENT: ("Sent", "green", "check"),
    PostingState.FAILED: ("Failed", "red", "error"),
    PostingState.SKIPPED: ("Skipped", "grey", "skip_next"),
}


class SendAgain(Deed):
    """Have failed news sent again."""

    name, label, icon = "send-again", "Send again", "replay"
    variant = ActionVariant.PRIMARY
    explanation = "It is tried for another day."

    def is_for(self, viewing: Viewing) -> bool:
        return bool(viewing.subject.may("update", "channel"))

    def fits(self, obj: Posting, at: datetime) -> bool:
        return obj.state == PostingState.FAILED

    def do(self, request: HttpRequest, obj: Posting, said: dict[str, Any]) -> Done:
        _send_again(request, obj)
        return Done("It is being sent again. If it fails, it says so here.")


def _send_again(request: HttpRequest, posting: Posting) -> None:
    sending.send_again(
        posting_id=posting.pk,
        subject=viewing_of(request).subject,
        by=admin_actor_of(request),
        at=timezone.now(),
    )


class PostingStates(SimpleListFilter):
    """By how far a posting has come."""

    title = "State"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(str(state), words[0]) for state, words in _LOOKS.items()]

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
    search_help_text = "Part of a recipient, of a channel's name, or of what went wrong"
    ordering = ("-created_at", "-id")
    actions = ("send_these_again",)
    deeds = (SendAgain(),)
    fieldsets = (
        (None, {"fields": ("event", "through", "by_route", "whom", "instead_of")}),
        ("How it goes", {"fields": ("current_state", "tries", "again", "gives_up", "problem")}),
        ("Time", {"fields": ("created", "settled", "entry_link")}),
    )
    created = moment_column("created_at", "Owed since")
    settled = moment_column("settled_at", "Settled")
    again = moment_column("next_at", "Next try")
    gives_up = moment_column("give_up_at", "Given up at")

    def seen(self, viewing: Viewing) -> "QuerySet[Posting]":
        return selectors.postings_visible_to(viewing.subject)

    def title_of(self, obj: Posting) -> str:
        return f"{obj.entry.event.type} through {obj.channel.name}"

    def has_send_permission(self, request: HttpRequest) -> bool:
        """Whether the action is offered."""
        return bool(viewing_of(request).subject.may("update", "channel"))

    @admin.action(description="Send again", permissions=["send"])
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
        messages.success(request, f"Messages that are sent again: {sent}.")

    @display(description="News", ordering="entry__event__type")
    def event(self, posting: Posting) -> str:
        kind = posting.entry.event.type
        return f"{kind}, reminder {posting.round}" if posting.round else kind

    @display(description="Channel", ordering="channel__name")
    def through(self, posting: Posting) -> str:
        return posting.channel.name

    @display(description="Route")
    def by_route(self, posting: Posting) -> str:
        return posting.route.name if posting.route else ""

    @display(description="Recipient", ordering="recipient")
    def whom(self, posting: Posting) -> str:
        return posting.recipient

    @display(description="In place of")
    def instead_of(self, posting: Posting) -> str:
        return posting.in_place_of

    @display(description="State", ordering="state")
    def current_state(self, posting: Posting) -> SafeString:
        return badge(*_LOOKS[PostingState(posting.state)])

    @display(description="What went wrong")
    def problem(self, posting: Posting) -> str:
        return posting.error

    @display(description="The event")
    def entry_link(self, posting: Posting) -> SafeString:
        address = address_of("audit_ledgerentry", "change", posting.entry_id)
        return link(address, f"Number {posting.entry_id} in the log")
