"""Somebody who receives webhooks: a real HTTP server that answers as it is told."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

from accessplane.lib import signing


@dataclass
class Call:
    """One post as it came in."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]

    @property
    def document(self) -> dict[str, Any]:
        return json.loads(self.body)

    def verified(self, *secrets: str, at: datetime) -> str:
        """The id, if one of these secrets signed the body at about this moment."""
        return signing.verify(headers=self.headers, body=self.body, secrets=secrets, at=at)


@dataclass
class Receiver:
    """`answers` are given one after the other, and 204 when there are none left."""

    port: int
    calls: list[Call] = field(default_factory=list)
    answers: list[tuple[int, dict[str, str]]] = field(default_factory=list)
    meanwhile: Callable[[Call], None] = lambda _call: None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook"

    def will_answer(self, status: int, times: int = 1, **headers: str) -> None:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.answers += [(status, named)] * times

    @property
    def types(self) -> list[str]:
        """The types of the events that came, in their order."""
        return [call.document["type"] for call in self.calls]


@contextmanager
def receiving() -> Iterator[Receiver]:
    """A receiver, for as long as the block lasts."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            named = {name.lower(): value for name, value in self.headers.items()}
            call = Call(self.path, named, body)
            receiver.calls.append(call)
            receiver.meanwhile(call)
            status, headers = receiver.answers.pop(0) if receiver.answers else (204, {})
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    receiver = Receiver(server.server_address[1])
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
