"""The whole plane in one process on one machine: SQLite, an in-memory broker, no other server."""

import contextlib
import os
import secrets
import tempfile
from pathlib import Path

from accessplane.settings.base import *  # noqa: F403
from accessplane.settings.base import BASE_DIR, LOGGING, env

DATA = Path(env.str("DATA", default=str(BASE_DIR / "var"))).expanduser().resolve()
DATA.mkdir(mode=0o700, parents=True, exist_ok=True)  # the database holds sessions and hashes


def _kept_secret(path: Path) -> str:
    """The secret kept in `path`, made on the first start, readable by its owner alone."""
    if not path.exists():
        descriptor, draft = tempfile.mkstemp(dir=path.parent)  # mode 0600
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_urlsafe(48))
        with contextlib.suppress(FileExistsError):
            os.link(draft, path)  # fails if another process was first: then its secret counts
        Path(draft).unlink()
    return path.read_text().strip()


SECRET_KEY = env.str("ACCESSPLANE_SECRET_KEY", default="") or _kept_secret(DATA / "secret_key")
DEBUG = False
ALLOWED_HOSTS = env.list(
    "ACCESSPLANE_ALLOWED_HOSTS", default=["127.0.0.1", "localhost", "[::1]"]
)

DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": DATA / "plane.sqlite3",
        "CONN_MAX_AGE": None,
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",  # writers queue at BEGIN and never fail halfway
            "timeout": 20,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
        },
    }
}
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
vars().update(env.email("EMAIL_URL", default="consolemail://"))

CELERY_BROKER_URL = "memory://localhost"
CELERY_BROKER_TRANSPORT_OPTIONS = {"polling_interval": 0.05}

# --- serving ------------------------------------------------------------------------------------

STATIC_ROOT = DATA / "static"  # gathered by `serve` when they changed
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "accessplane.static_files.HashedFiles"},
}
WHITENOISE_USE_FINDERS = True  # for a server that was started in another way than by `serve`
# When nobody chose one, `serve` puts the address it listens on in its place.
ACCESSPLANE_PUBLIC_URL_IS_CHOSEN = "ACCESSPLANE_PUBLIC_URL" in os.environ
# Addresses of the proxies whose X-Forwarded-For may say who asks; usually there is no proxy.
ACCESSPLANE_TRUSTED_PROXIES = env.list("FORWARDED_ALLOW_IPS", default=[])

# The lines of a worker, a beat and a server in one terminal would hide the ones that matter.
LOGGING["loggers"] = {
    name: {"level": "WARNING"} for name in ("celery", "kombu", "uvicorn", "django_celery_beat")
}

# --- ours ---------------------------------------------------------------------------------------

ACCESSPLANE_PASSWORDS_FROM_DOCUMENTS = True
# The relay works in this process and tells the readers itself.
ACCESSPLANE_STREAM_LOOK_EVERY = 1.0
