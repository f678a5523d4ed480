"""How a browser shows the pages: its theme and its time zone. The server reads them from cookies, so
that no page flashes, and times are right without scripts."""

from datetime import timedelta

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme

from accessplane.lib import zones
from accessplane.lib.pages import Page

COOKIE = "theme"
THEMES = ("light", "dark")
KEPT = timedelta(days=365)


def theme_of(request: HttpRequest | None) -> str:
    """ "light", "dark", or "" for what the system says."""
    chosen = request.COOKIES.get(COOKIE, "") if request else ""
    return chosen if chosen in THEMES else ""


def zone_of(request: HttpRequest | None) -> str:
    """The name of the zone that was chosen in this browser, or "" for that of the device."""
    return str(zones.zone_chosen(request.COOKIES) or "") if request else ""


class Theme(Page):
    """Choose a theme."""

    def post(self, request: HttpRequest) -> HttpResponse:
        """Remember it in this browser, and go back to where it was chosen."""
        chosen = request.POST.get("theme", "")
        return _remembering(request, COOKIE, chosen if chosen in THEMES else "")


class Zone(Page):
    """Choose a time zone."""

    def post(self, request: HttpRequest) -> HttpResponse:
        """Remember it in this browser, and go back to where it was chosen."""
        chosen = zones.zone_named(request.POST.get("zone", ""))
        return _remembering(request, zones.COOKIE, str(chosen or ""))


def _remembering(request: HttpRequest, cookie: str, value: str) -> HttpResponse:
    """Back to the page before, which the cookie changes; an empty value takes it away."""
    back = request.META.get("HTTP_REFERER", "")
    if not url_has_allowed_host_and_scheme(back, request.get_host(), request.is_secure()):
        back = "/"
    response = redirect(back)
    if value:
        is_secure = settings.SESSION_COOKIE_SECURE
        response.set_cookie(cookie, value, KEPT, secure=is_secure, samesite="Lax")
    else:
        response.delete_cookie(cookie, samesite="Lax")
    return response
