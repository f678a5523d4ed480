"""Page: the language that I read."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from accessplane.lib.errors import InvalidInput
from accessplane.lib.pages import Page
from identity.services import languages
from identity.sessions import user_of


class Language(Page):
    """The address of the buttons on the own page."""

    def get(self, _request: HttpRequest) -> HttpResponse:
        """Whoever comes back here, from signing in perhaps, sees the page of the buttons."""
        return redirect("settings")

    def post(self, request: HttpRequest) -> HttpResponse:
        """Keep the choice; what is no language here changes nothing."""
        try:
            languages.choose(user=user_of(request), language=request.POST.get("language", ""))
        except InvalidInput as refusal:
            messages.warning(request, refusal.detail)
        return redirect("settings")
