"""The ASGI application for WebSockets.

A handshake goes through the middleware and a view as a GET does: hosts, TLS, sessions, tokens,
limits and parameters are looked at by the same code, and a refusal is the same problem document.
"""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, cast

from django.http import HttpResponse

from accessplane.lib.sockets import Upgrade
from accessplane.threaded import Message, Receive, Send, ThreadedHandler, start_of

ADDRESSES = "accessplane.routing"
DENIAL = "websocket.http.response"
PATIENCE = 1.0  # seconds
_HTTP_SCHEMES = {"ws": "http", "wss": "https"}


class SocketHandler:
    """Lets handshakes in, and hands over to the application that the view names."""

    def __init__(self, http: ThreadedHandler) -> None:
        self._http = http

    async def __call__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        """One connection, from its handshake to its end."""
        connect = await receive()
        if connect["type"] != "websocket.connect":
            return
        response = await self._http.greet(_as_get(scope), ADDRESSES)
        if isinstance(response, Upgrade):
            await response.application(scope, _beginning_with(connect, receive), send)
        else:
            await _deny(scope, cast("HttpResponse", response), send)
            await _see_off(receive)


def _as_get(scope: Mapping[str, Any]) -> dict[str, Any]:
    scheme = _HTTP_SCHEMES.get(scope.get("scheme", "ws"), "http")
    return {**scope, "type": "http", "method": "GET", "scheme": scheme}


def _beginning_with(first: Message, receive: Receive) -> Receive:
    """`receive`, which has the message again that was taken from it."""
    waiting = [first]

    async def again() -> Message:
        return waiting.pop() if waiting else await receive()

    return again


async def _deny(scope: Mapping[str, Any], response: HttpResponse, send: Send) -> None:
    """Refuse the handshake, with the response if the server can pass it on."""
    if DENIAL not in scope.get("extensions", {}):
        await send({"type": "websocket.close"})
        return
    await send({**start_of(response), "type": f"{DENIAL}.start"})
    await send({"type": f"{DENIAL}.body", "body": response.content})


async def _see_off(receive: Receive) -> None:
    """Stay until the connection is gone: uvicorn takes a refusal for unfinished before that.

    It tells of the end twice, first of the handshake's and then of the connection's.
    """
    with suppress(TimeoutError):
        async with asyncio.timeout(PATIENCE):
            await receive()
            await receive()
