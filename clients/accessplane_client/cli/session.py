"""The plane that a command talks to."""

import os

from accessplane_client.cli.output import note
from accessplane_client.client import Plane
from accessplane_client.settings import (
    Login,
    current_login,
    is_readable_by_others,
    login_path,
)


def open_plane() -> Plane:
    login = known_login()
    return connect(login.url, login.token)


def known_login() -> Login:
    path = login_path(os.environ)
    if is_readable_by_others(path):
        note(f"Others on this machine can read {path}. Close it with: chmod 600 {path}")
    return current_login(os.environ)


def connect(url: str, token: str) -> Plane:
    return Plane(url, token, via="cli")
