"""Data of planes, made once for all tests of a run: a test gets a copy."""

import fcntl
import json
import shutil
from collections.abc import Callable
from pathlib import Path

from tests.frame.processes import Plane, manage


class Prepared:
    """Folders below `root`, each made by whichever worker needs it first."""

    def __init__(self, root: Path) -> None:
        self._root = root
        root.mkdir(exist_ok=True)

    def plane(self, to: Path) -> Path:
        """A plane that started before and in which nothing happened yet."""
        return copied(self._made("plane", start), to)

    def copy(self, name: str, to: Path, make: Callable[[Path], None]) -> Path:
        """Such a plane after `make` has done its work in its folder, which is known by this name."""

        def make_of_plane(folder: Path) -> None:
            make(self.plane(folder))

        return copied(self._made(name, make_of_plane), to)

    def _made(self, name: str, make: Callable[[Path], None]) -> Path:
        folder, unfinished = self._root / name, self._root / f"{name}.unfinished"
        with (self._root / f"{name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not folder.exists():
                shutil.rmtree(unfinished, ignore_errors=True)
                unfinished.mkdir()
                make(unfinished)
                unfinished.rename(folder)
        return folder


def copied(folder: Path, to: Path) -> Path:
    return Path(shutil.copytree(folder, to, dirs_exist_ok=True))


def start(folder: Path) -> None:
    """The first start of a plane, which takes most of the time: tables, styles and scripts."""
    code, _seconds = Plane(folder).stop()
    assert code == 0


# What `manage.py apply` and `manage.py create_token` do, in one process instead of a dozen.
APPLY_AND_MAKE_TOKENS = """
import io, json, sys
from django.core.management import call_command
from django.utils import timezone
from accessplane.lib.actors import console
from identity.models import User
from identity.services.tokens import create_token
call_command("apply", *{files}, stdout=io.StringIO(), stderr=sys.stderr)
at = timezone.now()
print(json.dumps({{
    user.email.partition("@")[0]: create_token(user=user, by=console("tests"), at=at)[1]
    for user in User.objects.all()
}}))
"""


def enter(data: Path, *files: Path, **environment: str) -> dict[str, str]:
    """Apply these files, beside a plane that may run; a token for everybody, by first name."""
    code = APPLY_AND_MAKE_TOKENS.format(files=[f"-f={file}" for file in files])
    made = manage("shell", "-v", "0", "-c", code, DATA=str(data), **environment)
    assert (made.returncode, made.stderr) == (0, "")
    tokens: dict[str, str] = json.loads(made.stdout)
    return tokens
