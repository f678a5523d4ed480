"""Where the plane is and with which token: the environment, or what `ap login` kept."""

import json
import os
import stat
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

from accessplane_client.addresses import plane_url
from accessplane_client.errors import NotSignedIn, PlaneError
from accessplane_client.private_files import write_privately

URL = "ACCESSPLANE_URL"
TOKEN = "ACCESSPLANE_TOKEN"  # noqa: S105  the name of a variable


@dataclass(frozen=True)
class Login:
    url: str
    token: str = field(repr=False)


def login_from_environment(environ: Mapping[str, str]) -> Login:
    missing = [name for name in (URL, TOKEN) if not environ.get(name)]
    if missing:
        raise NotSignedIn(f"The environment lacks {' and '.join(missing)}.")
    return Login(plane_url(environ[URL]), environ[TOKEN])


def current_login(environ: Mapping[str, str]) -> Login:
    """The environment wins. The kept token is only ever used for the address it was kept with."""
    url = known_url(environ)
    kept = load(login_path(environ))
    token = environ.get(TOKEN) or (kept.token if kept and kept.url == url else "")
    if not token:
        raise NotSignedIn(f"No token for {url} is known here.")
    return Login(url, token)


def known_url(environ: Mapping[str, str]) -> str:
    """Where the plane is, whoever asks."""
    kept = load(login_path(environ))
    url = environ.get(URL) or (kept.url if kept else "")
    if not url:
        raise NotSignedIn("No plane is known here yet.")
    return plane_url(url)


def login_path(environ: Mapping[str, str]) -> Path:
    base = Path(environ.get("XDG_CONFIG_HOME") or "")
    return (base if base.is_absolute() else Path.home() / ".config") / "accessplane/login.json"


def load(path: Path) -> Login | None:
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))
        return Login(plane_url(kept["url"]), kept["token"])
    except FileNotFoundError:
        return None
    except (PlaneError, OSError, ValueError, KeyError, TypeError) as error:
        raise PlaneError(
            f"The file {path} can't be read as a login. Sign in again, or remove it.",
            code="broken_login",
        ) from error


def save(login: Login, path: Path) -> None:
    write_privately(path, json.dumps(asdict(login)))


def forget(path: Path) -> bool:
    """Whether there was a login to forget."""
    try:
        path.unlink()
    except FileNotFoundError:
        return False
    return True


def is_readable_by_others(path: Path) -> bool:
    try:
        mode = path.stat().st_mode
    except OSError:
        return False
    return os.name == "posix" and bool(mode & (stat.S_IRWXG | stat.S_IRWXO))
