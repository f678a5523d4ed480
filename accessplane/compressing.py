"""Pages go out compressed: they are the largest part of every visit but the first."""

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware


class CompressedPages(GZipMiddleware):
    """Compresses pages that were asked for, with Django's noise against BREACH.

    Streams must not wait for a compressor, and the answer to a form may hold a secret.
    """

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        """The page, smaller if the browser takes it so."""
        is_page = response.headers.get("Content-Type", "").startswith("text/html")
        if request.method != "GET" or response.streaming or not is_page:
            return response
        return super().process_response(request, response)
