"""MCP over streamable HTTP: every call brings its own token, and the server has none.

Nothing is kept between calls: no session, no token, no answer.
"""

import socket
from collections.abc import Sequence
from contextlib import suppress
from ipaddress import ip_address

import uvicorn
from anyio import to_thread
from mcp.server.mcpserver import Context
from mcp.server.transport_security import (
    TransportSecurityMiddleware,
    TransportSecuritySettings,
)
from starlette.applications import Starlette
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from accessplane_client.addresses import is_loopback
from accessplane_client.agents.bots import Agent, NotABot, open_agent
from accessplane_client.agents.server import make_server
from accessplane_client.errors import PlaneError, PlaneUnreachable

PATH = "/mcp"
AGENT = "accessplane.agent"
SHUTDOWN = 5  # seconds for calls that are still answered
UNAUTHORIZED, FORBIDDEN, TOO_MANY, BAD_GATEWAY, UNAVAILABLE = 401, 403, 429, 502, 503


class NoToken(PlaneError):
    """The call says not who makes it."""

    def __init__(self) -> None:
        super().__init__(
            "Say who calls: Authorization: Bearer ap_..., with the token of a bot.",
            code="not_authenticated",
            status=UNAUTHORIZED,
        )


class Admission:
    """Lets calls of bots in, and nobody else. Where a call comes from is looked at first.

    A page in somebody's browser is kept out by Host and Origin before any token is read.
    """

    def __init__(self, app: ASGIApp, *, url: str, security: TransportSecuritySettings) -> None:
        self._app = app
        self._url = url
        self._security = TransportSecurityMiddleware(security)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
        elif scope["type"] == "http":
            foreign = await self._security.validate_request(Request(scope))
            if foreign:
                await foreign(scope, receive, send)
            else:
                await self._serve(scope, receive, send)

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            token = token_of(Headers(scope=scope))
            agent = await to_thread.run_sync(open_agent, self._url, token)
        except PlaneError as error:
            await _refusal(error)(scope, receive, send)
            return
        with agent.plane:
            await self._app({**scope, AGENT: agent}, receive, send)


def token_of(headers: Headers) -> str:
    """The one token that the call brings; `NoToken` if it brings none, or several."""
    brought = headers.getlist("authorization")
    scheme, _, token = brought[0].partition(" ") if len(brought) == 1 else ("", "", "")
    if scheme.lower() != "bearer" or not token.strip():
        raise NoToken
    return token.strip()


def agent_of(ctx: Context) -> Agent:
    """Whom `Admission` let in with this call."""
    call = ctx.request_context.request
    agent = call.scope.get(AGENT) if isinstance(call, Request) else None
    if not isinstance(agent, Agent):
        raise TypeError("This call came past the admission.")
    return agent


def make_app(url: str, security: TransportSecuritySettings) -> Starlette:
    """The ASGI application that hands what agents ask to the plane at `url`."""
    app = make_server(agent_of).streamable_http_app(
        streamable_http_path=PATH, stateless_http=True, transport_security=security
    )
    app.add_middleware(Admission, url=url, security=security)
    return app


def reached_as(host: str, port: int, names: Sequence[str]) -> TransportSecuritySettings:
    """Which Host and Origin are ours: where we listen, and the names we are told.

    Raises `PlaneError` where we listen everywhere and are told none.
    """
    own = [f"{each}:{port}" for each in _own_names(host)]
    hosts = [*own, *names]
    if not hosts:
        raise PlaneError(
            f"Which name is this server reached by? {host} means every address of this machine: "
            "name those that agents use with --allowed-host.",
            code="invalid_input",
        )
    origins = [f"{scheme}://{each}" for each in hosts for scheme in ("http", "https")]
    return TransportSecuritySettings(allowed_hosts=hosts, allowed_origins=origins)


def _own_names(host: str) -> list[str]:
    shown = f"[{host}]" if ":" in host else host
    if is_loopback(f"http://{shown}"):
        return ["127.0.0.1", "localhost", "[::1]"]
    with suppress(ValueError):
        if ip_address(host).is_unspecified:
            return []
    return [shown]


def listen(host: str, port: int) -> socket.socket:
    """Raises `PlaneError` where that is not possible."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family)
    except (OSError, OverflowError) as error:
        why = getattr(error, "strerror", None) or error
        raise PlaneError(f"Can't listen on {host}, port {port}: {why}.") from error


def run_over_http(url: str, opened: socket.socket, security: TransportSecuritySettings) -> None:
    """Serve on a socket that `listen` opened, until the process is told to end."""
    config = uvicorn.Config(
        make_app(url, security),
        log_level="warning",
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=SHUTDOWN,
    )
    with suppress(KeyboardInterrupt):
        uvicorn.Server(config).run(sockets=[opened])


def _refusal(error: PlaneError) -> Response:
    """RFC 6750, with a sentence: 401 without a good token, 403 for a person."""
    status = _status_of(error)
    headers = {"WWW-Authenticate": 'Bearer realm="Access Plane"'} if status < TOO_MANY else {}
    said = {"error": error.code, "error_description": error.detail}
    return JSONResponse(said, status_code=status, headers=headers)


def _status_of(error: PlaneError) -> int:
    if isinstance(error, NotABot):
        return FORBIDDEN
    if error.status == UNAUTHORIZED or error.code == "invalid_token":
        return UNAUTHORIZED
    if error.status == TOO_MANY:
        return TOO_MANY
    return UNAVAILABLE if isinstance(error, PlaneUnreachable) else BAD_GATEWAY
