"""`ap login`, `ap logout`, `ap whoami`."""

import getpass
import os
import sys
from collections.abc import Sequence
from typing import Annotated

import typer

from accessplane_client.addresses import is_encrypted, is_loopback, plane_url
from accessplane_client.cli.options import FormatOption
from accessplane_client.cli.output import Format, emit, note
from accessplane_client.cli.session import connect, open_plane
from accessplane_client.cli.tables import block
from accessplane_client.cli.wording import time_text
from accessplane_client.documents import Grant, User
from accessplane_client.errors import PlaneError
from accessplane_client.settings import TOKEN, URL, Login, forget, load, login_path, save


def login(
    *,
    url: Annotated[
        str | None,
        typer.Option(
            metavar="URL", help="The plane's address, such as https://plane.example.com."
        ),
    ] = None,
    form: FormatOption = Format.text,
) -> None:
    """Keep a token for a plane on this machine. It is asked for, or read from stdin."""
    path = login_path(os.environ)
    address = plane_url(url or os.environ.get(URL) or _kept_url())
    if not is_encrypted(address) and not is_loopback(address):
        note(f"{address} is not encrypted: whoever is on the way can read the token.")
    token = _ask_for_token()
    with connect(address, token) as plane:
        user = plane.me()
    save(Login(address, token), path)
    emit(form, {"url": address, "user": user.email}, str)
    if form is Format.text:
        note(f"Signed in to {address} as {user.email}.")
    if overriding := [name for name in (URL, TOKEN) if os.environ.get(name)]:
        note(f"{' and '.join(overriding)} in the environment still win over this login.")


def _kept_url() -> str:
    kept = load(login_path(os.environ))
    if kept is None:
        raise PlaneError("Which plane? Name its address with --url.")
    return kept.url


def _ask_for_token() -> str:
    if sys.stdin.isatty():
        return getpass.getpass("API token (it is not shown): ").strip()
    return sys.stdin.readline().strip()


def logout(*, form: FormatOption = Format.text) -> None:
    """Forget the token that is kept on this machine."""
    was_there = forget(login_path(os.environ))
    emit(form, {"forgotten": was_there}, str)
    if form is Format.text:
        note(
            "Signed out. The token itself stays valid until it is revoked or too old."
            if was_there
            else "Nobody was signed in."
        )


def whoami(*, form: FormatOption = Format.text) -> None:
    """Show who you are for the plane, and what you hold."""
    with open_plane() as plane:
        user = plane.me()
        held = list(plane.grants(user=user.email, in_force=True))
        address = plane.url
    document = {**user.document, "grants": [each.document for each in held], "plane": address}
    emit(form, document, lambda: _whoami_text(user, held, address))


def _whoami_text(user: User, held: Sequence[Grant], address: str) -> str:
    return block(
        [
            ("User", user.email),
            ("Name", user.display_name),
            ("Plane", address),
            ("Roles", ", ".join(user.roles) or "none"),
            ("For a time", "\n".join(map(_held_text, held))),
            ("Traits", "\n".join(f"{name}: {_values(user, name)}" for name in user.traits)),
        ]
    )


def _held_text(grant: Grant) -> str:
    return f"{grant.role} until {time_text(grant.ends_at)}"


def _values(user: User, trait: str) -> str:
    values = user.traits[trait]
    return ", ".join(map(str, values)) if isinstance(values, list) else str(values)
