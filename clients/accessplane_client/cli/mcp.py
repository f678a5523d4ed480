"""`ap mcp`: the plane as a set of tools for an agent."""

import os
from types import ModuleType
from typing import Annotated

import typer

from accessplane_client.addresses import is_loopback
from accessplane_client.cli.output import note
from accessplane_client.cli.session import known_login
from accessplane_client.errors import PlaneError
from accessplane_client.settings import known_url


def mcp(
    *,
    http: Annotated[
        bool, typer.Option("--http", help="Serve over HTTP instead of stdin and stdout.")
    ] = False,
    host: Annotated[
        str, typer.Option(metavar="ADDRESS", help="Where to listen, with --http.")
    ] = "127.0.0.1",
    port: Annotated[
        int, typer.Option(metavar="NUMBER", min=0, max=65535, help="0: any free one.")
    ] = 8765,
    allowed_host: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME[:PORT]", help="A name that agents reach the server by; repeatable."
        ),
    ] = None,
) -> None:
    """Let an agent ask for access, over the Model Context Protocol.

    It acts as a bot user of its own: the token is a bot's. With --http every call brings its own.
    """
    if http:
        _serve_http(host, port, allowed_host or [])
    else:
        login = known_login()
        _part("server").run_over_stdio(login.url, login.token)


def _serve_http(host: str, port: int, names: list[str]) -> None:
    url = known_url(os.environ)
    over_http = _part("over_http")
    with over_http.listen(host, port) as opened:
        port = opened.getsockname()[1]
        security = over_http.reached_as(host, port, names)
        shown = f"[{host}]" if ":" in host else host
        note(f"Agents reach {url} at http://{shown}:{port}{over_http.PATH} (Ctrl-C ends).")
        if not is_loopback(f"http://{shown}"):
            note(
                "This is not encrypted: put TLS in front, or whoever is on the way reads tokens."
            )
        over_http.run_over_http(url, opened, security)


def _part(name: str) -> ModuleType:
    """Imported only now: it is large, and an extra."""
    from importlib import import_module

    try:
        return import_module(f"accessplane_client.agents.{name}")
    except ImportError as error:
        if (error.name or "").startswith("accessplane_client"):
            raise
        raise PlaneError(
            "This needs the extra `mcp`: pip install 'accessplane-client[mcp]' "
            "(from a clone of the repository: pip install './clients[mcp]').",
            code="not_installed",
        ) from error
