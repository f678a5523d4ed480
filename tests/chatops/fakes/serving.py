"""What the fakes stand on: a real HTTP server that gives their answers."""

import json
import ssl
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import urlsplit

# The status, the headers and the body.
Given = tuple[int, dict[str, str], bytes]


@dataclass
class Call:
    """A call as it came in; `headers` are found in either case."""

    method: str
    target: str
    headers: Any
    body: bytes

    @property
    def path(self) -> str:
        return urlsplit(self.target).path

    @property
    def document(self) -> Any:
        return json.loads(self.body) if self.body else None


@dataclass
class Service(ABC):
    """What was called. `answers` are given first, once each, as they stand."""

    url: str = ""
    calls: list[str] = field(default_factory=list)
    answers: list[Given] = field(default_factory=list)
    loses: list[str] = field(default_factory=list)  # calls whose answers get lost, once each

    def will_answer(self, status: int, body: Any = None, **headers: str) -> None:
        self.answers.append((status, headed(headers), encoded(body or {})))

    def hear(self, call: Call) -> Given | None:
        """Note the call and do what it asks for; the answer, unless that gets lost."""
        name = self.name_of(call)
        self.calls.append(name)
        given = self.answers.pop(0) if self.may_order(call) and self.answers else None
        if given is None:
            status, document = self.answer(call)
            given = status, {}, encoded(document)
        if name not in self.loses:
            return given
        self.loses.remove(name)
        return None

    def name_of(self, call: Call) -> str:
        return f"{call.method} {call.path}"

    def may_order(self, call: Call) -> bool:
        """Whether one of the `answers` is for such a call."""
        return True

    @abstractmethod
    def answer(self, call: Call) -> tuple[int, Any]:
        """The status and the document that a call gets."""


def encoded(document: Any) -> bytes:
    return b"" if document is None else json.dumps(document).encode()


def headed(named: dict[str, str]) -> dict[str, str]:
    """The headers that a test names like arguments."""
    return {name.replace("_", "-"): value for name, value in named.items()}


@contextmanager
def serving(
    answer: Callable[[Call], Given | None], tls: ssl.SSLContext | None = None
) -> Iterator[str]:
    """The URL of a server that gives these answers; None breaks the connection off."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            given = answer(Call(self.command, self.path, self.headers, body))
            if given is None:
                self.close_connection = True
                return
            status, headers, content = given
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_PATCH = do_PUT = do_POST  # noqa: N815 - the names that http.server calls

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    if tls:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        port = server.server_address[1]
        yield f"https://localhost:{port}" if tls else f"http://127.0.0.1:{port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
