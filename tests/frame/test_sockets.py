"""The handshake of a WebSocket, between the web server and Django."""

import asyncio

import pytest
from asgiref.testing import ApplicationCommunicator
from django.http import HttpResponse

from accessplane import sockets
from accessplane.lib.sockets import Upgrade
from accessplane.sockets import SocketHandler


class Doorman:
    """Stands where the HTTP handler stands, and remembers what it was asked."""

    def __init__(self, response):
        self.response = response
        self.asked = None

    async def greet(self, scope, urlconf):
        self.asked = scope, urlconf
        return self.response


def scope(**more):
    return {"type": "websocket", "path": "/ws/x/", "scheme": "wss", "headers": [], **more}


def talk(response, *messages, **more):
    """What is sent to a client who says this, and what the doorman was asked."""
    doorman = Doorman(response)

    async def both():
        connection = ApplicationCommunicator(SocketHandler(doorman), scope(**more))
        for kind in messages:
            await connection.send_input({"type": f"websocket.{kind}"})
        sent = []
        while not await connection.receive_nothing(timeout=0.05):
            sent.append(await connection.receive_output(timeout=1))
        return sent

    return asyncio.run(both()), doorman.asked


async def echo(_scope, receive, send):
    while True:
        message = await receive()
        await send({"type": f"echo.{message['type']}"})
        if message["type"] == "websocket.disconnect":
            return


def test_whoever_is_let_in_speaks_with_the_application_from_the_first_word():
    sent, (asked, urlconf) = talk(Upgrade(echo), "connect", "receive", "disconnect")

    assert [message["type"] for message in sent] == [
        "echo.websocket.connect",
        "echo.websocket.receive",
        "echo.websocket.disconnect",
    ]
    assert (asked["type"], asked["method"], asked["scheme"]) == ("http", "GET", "https")
    assert urlconf == "accessplane.routing"


@pytest.fixture
def refusal():
    return HttpResponse(b"no", status=429, headers={"Retry-After": "5"})


def test_a_refusal_is_told_in_full_where_the_server_can(refusal):
    sent, _ = talk(
        refusal,
        *("connect", "disconnect", "disconnect"),
        extensions={"websocket.http.response": {}},
    )

    start, body = sent
    assert (start["type"], start["status"]) == ("websocket.http.response.start", 429)
    assert (b"Retry-After", b"5") in start["headers"]
    assert body == {"type": "websocket.http.response.body", "body": b"no"}


def test_elsewhere_a_refusal_closes_the_door(refusal, monkeypatch):
    monkeypatch.setattr(sockets, "PATIENCE", 0.01)

    sent, _ = talk(refusal, "connect")

    assert sent == [{"type": "websocket.close"}]
