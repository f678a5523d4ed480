"""Somebody who receives webhooks: a real HTTP server that answers as it is told."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from accessplane.lib import signing
from tests.chatops.fakes import serving


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

    origin: str = ""
    calls: list[Call] = field(default_factory=list)
    answers: list[tuple[int, dict[str, str]]] = field(default_factory=list)
    meanwhile: Callable[[Call], None] = lambda _call: None

    @property
    def port(self) -> int:
        return urlsplit(self.origin).port

    @property
    def url(self) -> str:
        return f"{self.origin}/hook"

    def will_answer(self, status: int, times: int = 1, **headers: str) -> None:
        self.answers += [(status, serving.headed(headers))] * times

    def hear(self, came: serving.Call) -> serving.Given:
        """Note the post; its answer."""
        named = {name.lower(): value for name, value in came.headers.items()}
        call = Call(came.target, named, came.body)
        self.calls.append(call)
        self.meanwhile(call)
        status, headers = self.answers.pop(0) if self.answers else (204, {})
        return status, headers, b""

    @property
    def types(self) -> list[str]:
        """The types of the events that came, in their order."""
        return [call.document["type"] for call in self.calls]


@contextmanager
def receiving() -> Iterator[Receiver]:
    """A receiver, for as long as the block lasts."""
    receiver = Receiver()
    with serving.serving(receiver.hear) as receiver.origin:
        yield receiver
