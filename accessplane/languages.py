"""In which language a page speaks: its reader's own choice, else the browser's, else the plane's."""

from collections.abc import Callable
from functools import lru_cache
from hashlib import sha256

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import translation
from django.utils.cache import patch_cache_control, patch_vary_headers
from django.utils.translation.trans_real import parse_accept_lang_header
from django.views import View
from django.views.i18n import JavaScriptCatalog

Respond = Callable[[HttpRequest], HttpResponse]

# What programs read is English, whatever they accept; the words of scripts name their language.
_OF_PROGRAMS = ("/api/", "/healthz", "/readyz", "/metrics", "/words/")
_YEAR = 365 * 24 * 3600


class Languages:
    """Lets each page speak the language of its reader."""

    def __init__(self, respond: Respond) -> None:
        self._respond = respond

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Choose, and say what was chosen and what it depends on."""
        is_for_programs = request.path_info.startswith(_OF_PROGRAMS)
        language = settings.LANGUAGE_CODE if is_for_programs else language_of(request)
        translation.activate(language)
        request.LANGUAGE_CODE = language
        response = self._respond(request)
        if not is_for_programs:
            patch_vary_headers(response, ["Accept-Language"])
            response.headers.setdefault("Content-Language", language)
        return response


def language_of(request: HttpRequest) -> str:
    """One of `LANGUAGES`; a choice of a language that is no longer there does not count."""
    chosen = getattr(request.user, "language", "")
    if chosen in dict(settings.LANGUAGES):
        return str(chosen)
    return _accepted(request) or settings.ACCESSPLANE_LANGUAGE


def _accepted(request: HttpRequest) -> str:
    """The first language of the browser that there is; "" if there is none of them."""
    header = request.META.get("HTTP_ACCEPT_LANGUAGE", "")
    for wanted, _quality in parse_accept_lang_header(header):
        try:
            return translation.get_supported_language_variant(wanted)
        except LookupError:
            continue
    return ""


class Words(View):
    """The words of the scripts in one language, for everybody alike and for a year."""

    def get(self, _request: HttpRequest, language: str) -> HttpResponse:
        """Django's catalogue, with `gettext` and its kin."""
        if language not in dict(settings.LANGUAGES):
            raise Http404
        response = HttpResponse(_catalogue(language), content_type="text/javascript")
        patch_cache_control(response, public=True, max_age=_YEAR, immutable=True)
        return response


def words_address(language: str) -> str:
    """Where they are; another address when they are others."""
    digest = sha256(_catalogue(language)).hexdigest()[:12]
    return f"{reverse('words', args=[language])}?{digest}"


@lru_cache
def _catalogue(language: str) -> bytes:
    with translation.override(language):
        # The app is named so that the words of other apps, such as Django's admin, stay out.
        return JavaScriptCatalog(packages=["accessplane"]).get(HttpRequest()).content
