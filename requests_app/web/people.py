"""Page: a person, as far as the viewer may see somebody."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from accessplane.lib.pages import Page
from identity.sessions import user_of
from requests_app import person_pages


class OnePerson(Page):
    """One person."""

    def get(self, request: HttpRequest, email: str) -> HttpResponse:
        """Show who it is, what the person holds, and what was asked for."""
        context = person_pages.person_page(user_of(request), email, at=timezone.now())
        return render(request, "requests_app/person_page.html", context)
