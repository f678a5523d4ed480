"""Readers of the event stream, over real connections; and the cast in a real process."""

import asyncio
import http.client
import json
import socket
import threading
import time
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import urlencode

import httpx
from websockets.sync.client import connect

from tests.frame.processes import Plane, manage, run
from tests.prepared import Prepared

PATIENCE = 10  # seconds
STREAM = {"Accept": "text/event-stream"}
EVENTS = "/api/v1/events/"
EMBEDDED = "accessplane.settings.embedded"
KEYS = "keys-of-the-cast.json"

FURNISH = """
import json
import django
django.setup()
from django.conf import settings
from django.test import Client
from django.utils import timezone
from identity.models import User
from identity.services.tokens import create_token
from tests import cast
settings.ALLOWED_HOSTS = ["*"]
cast.enter(at=timezone.now())
def session_of(user):
    browser = Client()
    browser.force_login(user, settings.AUTHENTICATION_BACKENDS[0])
    return browser.session.session_key
print(json.dumps({
    user.email.partition("@")[0]: {
        "token": create_token(user=user, by=cast.STAGE, at=timezone.now())[1],
        "session": session_of(user),
    }
    for user in User.objects.all()
}))
"""


def furnish(folder: Path) -> None:
    """The cast enters a plane with its data here; a token and a session for each lie beside it."""
    done = run("-c", FURNISH, DATA=str(folder), DJANGO_SETTINGS_MODULE=EMBEDDED)
    assert done.returncode == 0, done.stderr
    (folder / KEYS).write_text(done.stdout.splitlines()[-1])


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


class Sse:
    """Server-sent events as they come; a context that hangs up."""

    def __init__(self, port, headers=(), *, path=EVENTS, buffer=None, **query):
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
        if buffer is not None:
            self.connection.sock = narrow_socket(port, buffer)
        address = f"{path}?{urlencode(query)}"
        self.connection.request("GET", address, headers=STREAM | dict(headers))
        self.answer = self.connection.getresponse()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.answer.close()
        self.connection.close()

    @property
    def status(self):
        return self.answer.status

    def next(self):
        """The fields of the next event, comments aside; None at the end."""
        while True:
            block = self.block()
            if block is None or "data" in block:
                return block

    def block(self):
        """The fields of the next block, a comment's under an empty name."""
        fields = {}
        while line := self.answer.readline().decode():
            if line == "\n":
                return fields
            name, _, value = line.rstrip("\n").partition(":")
            fields[name] = value.removeprefix(" ")
        return None

    def lost(self):
        """Whether the line breaks, or ends, without another event."""
        try:
            return self.next() is None
        except (OSError, http.client.IncompleteRead):
            return True

    def event(self):
        """The document of the next event."""
        found = self.next()
        assert found is not None, "the stream ended"
        document = json.loads(found["data"])
        assert found.get("event") is None, document
        assert found["id"] == str(document["sequence"])
        return document

    def until(self, **wanted):
        """The documents up to the first with these members."""
        found = []
        while not found or any(found[-1][name] != value for name, value in wanted.items()):
            found.append(self.event())
        return found


def narrow_socket(port, size):
    """A connection whose reader has room for few bytes."""
    narrow = socket.socket()
    narrow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, size)
    narrow.settimeout(PATIENCE)
    narrow.connect(("127.0.0.1", port))
    return narrow


def web_socket(port, headers=(), *, path="/ws/events/", origin=None, **query):
    """A WebSocket, open as a context; a refusal raises `InvalidStatus`."""
    headers = dict(headers)
    host = headers.pop("Host", f"127.0.0.1:{port}")
    return connect(
        f"ws://{host}{path}?{urlencode(query)}",
        sock=socket.create_connection(("127.0.0.1", port)),
        additional_headers=headers,
        origin=origin,
        compression=None,
        open_timeout=PATIENCE,
    )


def received(web_socket):
    return json.loads(web_socket.recv(timeout=PATIENCE))


def call(port, token, method, path, body=None, headers=()):
    """The status and the JSON of a REST call."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=70)
    sent = bearer(token) | {"Content-Type": "application/json"} | dict(headers)
    with closing(connection):
        connection.request(
            method, f"/api/v1/{path}", None if body is None else json.dumps(body), sent
        )
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())


class Stage(Plane):
    """A plane in a process of its own, with the cast in it. Without what was prepared it goes on
    with the data that is there."""

    def __init__(self, data: Path, prepared: Prepared | None, **environment: str) -> None:
        self.data = prepared.copy("cast", data, furnish) if prepared else data
        keys = json.loads((data / KEYS).read_text())
        self.cast = {name: SimpleNamespace(**each) for name, each in keys.items()}
        super().__init__(data, **environment)

    def call(self, who, method, path, body=None):
        """What somebody gets, who may do it."""
        status, answer = call(self.port, self.cast[who].token, method, path, body)
        assert status < 300, answer
        return answer

    def sse(self, who, **more):
        return Sse(self.port, bearer(self.cast[who].token) | more.pop("headers", {}), **more)

    def web_socket(self, who, **more):
        return web_socket(self.port, bearer(self.cast[who].token), **more)

    def new_token(self, who, **body):
        return self.call(who, "POST", "tokens/", body)

    def note(self, who="mallory", name="a sign"):
        """Something small happens that only `who` and auditors see: the sequence of its event."""
        made = self.new_token(who, name=name)
        (event,) = self.call("auditor", "GET", f"events/?about={made['id']}&wait=10")["results"]
        return event["sequence"]

    def call_manage_token(self, who):
        """A token from the command line, for somebody new."""
        done = manage("create_token", f"{who}@example.com", DATA=str(self.data))
        return done.stdout.split()[-1]

    @property
    def origin(self):
        return f"http://127.0.0.1:{self.port}"

    def sign_out(self, who):
        """Somebody leaves through the page, in his or her browser."""
        cookies = {"sessionid": self.cast[who].session}
        with httpx.Client(base_url=self.origin, cookies=cookies) as browser:
            browser.get("/accounts/logout/")
            form = {"csrfmiddlewaretoken": browser.cookies["csrftoken"]}
            answer = browser.post("/accounts/logout/", data=form)
        assert answer.status_code == 302

    def until(self, holds):
        """Wait for something that must come to be."""
        deadline = time.monotonic() + PATIENCE
        while not holds():
            assert time.monotonic() < deadline
            time.sleep(0.05)

    def end(self):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()


def in_background(function, *arguments):
    """The function at work in a thread; `join` it for its result."""
    found = []
    thread = threading.Thread(target=lambda: found.append(function(*arguments)), daemon=True)
    thread.start()

    def join():
        thread.join(70)
        return found[0]

    return SimpleNamespace(join=join)


# --- many of them -------------------------------------------------------------------------------

EACH = 167  # readers of each of three kinds: five hundred and one
UPGRADE = {
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
}
FEW = 4


async def begin(port, path, headers):
    """An open connection with the request sent; what it answers is for the caller to read."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    headers = {"Host": "127.0.0.1"} | headers
    lines = [f"GET {path} HTTP/1.1"] + [f"{name}: {value}" for name, value in headers.items()]
    writer.write("\r\n".join([*lines, "", ""]).encode())
    await writer.drain()
    return reader, writer


async def open_all(port, token, headers=(), **query):
    """Five hundred readers of all three kinds, who wait for what comes; opened few at a time."""
    search = urlencode(query)
    kinds = [
        (f"{EVENTS}?{search}", STREAM, b"retry: 2000\n\n"),
        (f"/ws/events/?{search}", UPGRADE, b"\r\n\r\n"),
        (f"{EVENTS}?{search}&wait=60", {}, None),
    ]
    few = asyncio.Semaphore(FEW)

    async def open_one(path, more, sign):
        async with few:
            reader, writer = await begin(port, path, dict(headers) | more | bearer(token))
            if sign is None:
                await asyncio.sleep(0.02)  # a held answer gives no sign
            else:
                await reader.readuntil(sign)
            return reader, writer

    return await asyncio.gather(*[open_one(*kind) for kind in kinds for _ in range(EACH)])


def threads_of(process):
    return len(list(Path(f"/proc/{process.pid}/task").iterdir()))
