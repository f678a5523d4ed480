"""Pages: in which browsers I am signed in, and no longer."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accessplane.lib.pages import Button, Page
from identity.services import sessions
from identity.sessions import actor_of, user_of


class Sessions(Page):
    """My sessions."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show them."""
        this = request.session.session_key
        found = sessions.sessions_of(user_of(request), this=this, at=timezone.now())
        return render(request, "identity/sessions.html", {"sessions": found})


class End(Button):
    """End one of them."""

    page = "sessions-page"

    def post(self, request: HttpRequest, session_id: int) -> HttpResponse:
        """End it."""
        sessions.end_session(
            session_id=session_id,
            user=user_of(request),
            by=actor_of(request),
            at=timezone.now(),
        )
        messages.info(request, _("That session is over."))
        return redirect("sessions-page")


class EndOthers(Button):
    """End all but this one."""

    page = "sessions-page"

    def post(self, request: HttpRequest) -> HttpResponse:
        """End them."""
        ended = sessions.end_other_sessions(
            user=user_of(request),
            this=request.session.session_key,
            by=actor_of(request),
            at=timezone.now(),
        )
        sentence = ngettext(
            "%(count)d other session is over.", "%(count)d other sessions are over.", ended
        )
        messages.info(request, sentence % {"count": ended})
        return redirect("sessions-page")
