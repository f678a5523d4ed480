"""Which theme a browser shows. The server reads it from a cookie, so that no page flashes."""

from datetime import timedelta

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme

from accessplane.lib.pages import Page

COOKIE = "theme"
THEMES = ("light", "dark")
KEPT = timedelta(days=365)


def theme_of(request: HttpRequest | None) -> str:
    """ "light", "dark", or "" for what the system says."""
    chosen = request.COOKIES.get(COOKIE, "") if request else ""
    return chosen if chosen in THEMES else ""


class Theme(Page):
    """Choose a theme."""

    def post(self, request: HttpRequest) -> HttpResponse:
        """Remember it in this browser, and go back to where it was chosen."""
        back = request.META.get("HTTP_REFERER", "")
        if not url_has_allowed_host_and_scheme(back, request.get_host(), request.is_secure()):
            back = "/"
        response = redirect(back)
        chosen = request.POST.get("theme", "")
        if chosen in THEMES:
            is_secure = settings.SESSION_COOKIE_SECURE
            response.set_cookie(COOKIE, chosen, KEPT, secure=is_secure, samesite="Lax")
        else:
            response.delete_cookie(COOKIE, samesite="Lax")
        return response
