"""Pages: news that did not arrive, and sending it again."""

from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from accessplane.lib.errors import Conflict, NotFound
from accessplane.lib.pages import Button, Page
from chatops import selectors
from chatops.services import sending
from chatops.states import PostingState
from identity.selectors import subject_of
from identity.sessions import actor_of, user_of
from requests_app import page_data

_ROWS = 20


class FailedPostings(Page):
    """What did not arrive."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show it, the last failure on top."""
        at = timezone.now()
        subject = subject_of(user_of(request), at=at)
        if not selectors.sees_channels(subject):
            raise NotFound(_("There is no such page."))
        failed = selectors.postings_visible_to(subject).filter(state=PostingState.FAILED)
        rows = Paginator(failed.order_by("-settled_at", "-pk"), _ROWS).get_page(
            request.GET.get("page")
        )
        context = page_data.common(subject, at=at) | {
            "rows": rows,
            "may_send": subject.may("update", "channel"),
        }
        return render(request, "chatops/postings_failed.html", context)


class SendAgain(Button):
    """The address of the button beside what failed."""

    page = "postings-page"

    def post(self, request: HttpRequest, posting_id: UUID) -> HttpResponse:
        """Send it again, and show what is left."""
        at = timezone.now()
        try:
            sending.send_again(
                posting_id=posting_id,
                subject=subject_of(user_of(request), at=at),
                by=actor_of(request),
                at=at,
            )
        except Conflict as refusal:
            messages.warning(request, refusal.detail)
        else:
            messages.info(
                request, _("It is being sent again. If it fails, it comes back here.")
            )
        return redirect("postings-page")
