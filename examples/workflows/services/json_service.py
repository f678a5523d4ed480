"""What both services share: JSON over HTTP, with the standard library alone."""

import argparse
import json
import re
from collections.abc import Callable, Sequence
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

LARGEST_BODY = 64 * 1024


class Refused(Exception):
    """The call is answered with this status and document."""

    def __init__(self, status: int, document: Any) -> None:
        super().__init__(status)
        self.status = status
        self.document = document


class Call:
    """One call: its address, the parts of its path, and what came with it."""

    def __init__(self, handler: BaseHTTPRequestHandler) -> None:
        address = urlsplit(handler.path)
        self.path = unquote(address.path)
        self.query = parse_qs(address.query)
        self.base = f"http://{handler.headers.get('Host', '')}"
        self.parts: Sequence[str] = ()
        self._handler = handler

    def body(self) -> dict[str, Any]:
        """The JSON object that was sent."""
        length = int(self._handler.headers.get("Content-Length") or 0)
        if length > LARGEST_BODY:
            raise Refused(413, {"error": "That is too long."})
        try:
            document = json.loads(self._handler.rfile.read(length))
        except ValueError:
            document = None
        if not isinstance(document, dict):
            raise Refused(400, {"error": "A JSON object was expected."})
        return document


# Method, pattern of the path, and what answers with a status and a document.
Route = tuple[str, str, Callable[[Call], tuple[int, Any]]]


def main(name: str, routes: Sequence[Route], *, port: int) -> None:
    """Serve on 127.0.0.1 until interrupted; `--port 0` takes a free one."""
    parser = argparse.ArgumentParser(description=f"{name}, for trying workflows out.")
    parser.add_argument("--port", type=int, default=port)
    port = parser.parse_args().port
    handler = type("Handler", (_Handler,), {"routes": routes})
    with ThreadingHTTPServer(("127.0.0.1", port), handler) as server:
        print(f"{name} is ready on http://127.0.0.1:{server.server_port}", flush=True)
        with suppress(KeyboardInterrupt):
            server.serve_forever()


class _Handler(BaseHTTPRequestHandler):
    routes: Sequence[Route] = ()

    def _answer(self) -> None:
        call = Call(self)
        try:
            status, document = self._find(call)(call)
        except Refused as refused:
            status, document = refused.status, refused.document
        text = b"" if document is None else json.dumps(document).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    do_GET = do_POST = do_DELETE = _answer  # noqa: N815  as http.server looks for them

    def _find(self, call: Call) -> Callable[[Call], tuple[int, Any]]:
        for method, pattern, answer in self.routes:
            found = re.fullmatch(pattern, call.path)
            if found and method == self.command:
                call.parts = found.groups()
                return answer
        raise Refused(404, {"error": "There is nothing here."})
