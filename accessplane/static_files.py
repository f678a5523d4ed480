"""How styles, scripts, fonts and icons are kept: under names with their hash, and compressed, so that
a browser loads each of them once."""

import hashlib
import subprocess
import sys
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import HashedFilesMixin
from whitenoise.storage import CompressedManifestStaticFilesStorage

MANIFEST = "staticfiles.json"
STAMP = ".stamp"


class HashedFiles(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    """Our modules import each other by the hashed names as well; those of others stay as they are,
    since what looks like an import in a bundle is none."""

    patterns = (
        *HashedFilesMixin.patterns,
        ("js/*.js", HashedFilesMixin._js_module_import_aggregation_patterns[1]),  # type: ignore[attr-defined]
    )

    def stored_name(self, name: str) -> str:
        """The hashed name; the plain one where nothing was gathered yet, rather than no page."""
        return str(super().stored_name(name)) if self.hashed_files else name


def collect() -> bool:
    """Gather what the apps bring into STATIC_ROOT, unless nothing changed since; whether it did."""
    root = Path(str(settings.STATIC_ROOT))
    stamp = root / STAMP
    wanted = _fingerprint()
    if (root / MANIFEST).exists() and stamp.exists() and stamp.read_text() == wanted:
        return False
    # In a process of its own: what it takes in memory to compress would stay with the plane.
    command = [sys.executable, "-m", "django", "collectstatic", "--noinput", "--verbosity=0"]
    options = ["--clear"] if root.exists() else []
    subprocess.run([*command, *options], check=True, cwd=settings.BASE_DIR)  # noqa: S603
    stamp.write_text(wanted)
    return True


def _fingerprint() -> str:
    """Changes with every file that would be gathered."""
    found = hashlib.sha256()
    for finder in finders.get_finders():
        for path, storage in finder.list([]):
            status = Path(storage.path(path)).stat()
            found.update(f"{path} {status.st_size} {status.st_mtime_ns}\n".encode())
    return found.hexdigest()
