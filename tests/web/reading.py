"""Pages as people read them."""

import html
import re
from typing import Any

from django.test import Client

_TAGS = re.compile(r"<[^>]*>")
_SPACE = re.compile(r"\s+")


class Seen:
    """A page: its status, its text without tags, and its source."""

    def __init__(self, response: Any) -> None:
        self.response = response
        self.status = response.status_code
        self.path = response.request["PATH_INFO"]
        self.source = response.content.decode()
        main = self.source.partition("<main")[2]
        self.text = _SPACE.sub(" ", html.unescape(_TAGS.sub(" ", main)))

    def has_button(self, label: str) -> bool:
        return re.search(rf"<button[^>]*>{label}</button>", self.source) is not None


class Browser:
    """Opens pages and sends forms; follows where it is sent."""

    def __init__(self, client: Client) -> None:
        self.client = client

    def read(self, path: str) -> Seen:
        return Seen(self.client.get(path, follow=True))

    def send(self, path: str, **fields: Any) -> Seen:
        return Seen(self.client.post(path, fields, follow=True))

    def sign_in(self, email: str, password: str) -> Seen:
        return self.send("/accounts/login/", login=email, password=password)
