"""What must hold before Access Plane may serve anybody but the person who tries it out.

The checks apply under settings with `ACCESSPLANE_IS_FLEET`, as the production settings have it.
Each is an error, so that every `manage.py` command and the worker refuse to go on, and
`refuse_unsafe_start` makes the web processes, which run no checks of their own, refuse as well.
"""

from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.core.exceptions import ImproperlyConfigured

SHORTEST_KEY = 50
FEWEST_DIFFERENT = 10

Check = Callable[[], Sequence[CheckMessage]]


def key_is_strong() -> Sequence[CheckMessage]:
    """Sessions, signed links and tokens of forms all hang on the key."""
    key = str(settings.SECRET_KEY)
    if len(key) >= SHORTEST_KEY and len(set(key)) >= FEWEST_DIFFERENT:
        return []
    return [
        Error(
            f"ACCESSPLANE_SECRET_KEY must have at least {SHORTEST_KEY} random characters.",
            hint="Make one: python3 -c 'import secrets; print(secrets.token_urlsafe(48))'",
            id="accessplane.E001",
        )
    ]


def debug_is_off() -> Sequence[CheckMessage]:
    """Debug pages show settings and variables to whoever causes an error."""
    if not settings.DEBUG:
        return []
    return [Error("DEBUG must be off: its pages show secrets.", id="accessplane.E002")]


def public_url_is_https() -> Sequence[CheckMessage]:
    """Cookies and links are for https only."""
    url = urlsplit(settings.ACCESSPLANE_PUBLIC_URL)
    if url.scheme == "https" and url.hostname:
        return []
    return [
        Error(
            "ACCESSPLANE_PUBLIC_URL must be an https address, as people type it.",
            hint="For example https://access.example.com",
            id="accessplane.E003",
        )
    ]


def hosts_are_named() -> Sequence[CheckMessage]:
    """With any host allowed a forged Host header ends up in the links that we send."""
    if settings.ALLOWED_HOSTS and "*" not in settings.ALLOWED_HOSTS:
        return []
    return [
        Error(
            "ACCESSPLANE_ALLOWED_HOSTS must name the hosts that people use, and not *.",
            id="accessplane.E004",
        )
    ]


def broker_is_shared() -> Sequence[CheckMessage]:
    """An in-memory broker would keep every wake-up from the workers."""
    if not str(settings.CELERY_BROKER_URL).startswith("memory:"):
        return []
    return [
        Error(
            "CELERY_BROKER_URL must name a broker that all processes reach.",
            id="accessplane.E005",
        )
    ]


def documents_carry_no_passwords() -> Sequence[CheckMessage]:
    """Passwords in files are for the demonstration."""
    if not settings.ACCESSPLANE_PASSWORDS_FROM_DOCUMENTS:
        return []
    return [Error("ACCESSPLANE_PASSWORDS_FROM_DOCUMENTS must be off.", id="accessplane.E006")]


def database_is_postgresql() -> Sequence[CheckMessage]:
    """Several processes need row locks, and the log its triggers."""
    if settings.DATABASES["default"]["ENGINE"].endswith("postgresql"):
        return []
    return [
        Error(
            "DATABASE_URL must name a PostgreSQL database.",
            hint="For example postgres://accessplane:secret@db.example.com/accessplane",
            id="accessplane.E007",
        )
    ]


CHECKS: tuple[Check, ...] = (
    key_is_strong,
    debug_is_off,
    public_url_is_https,
    hosts_are_named,
    broker_is_shared,
    documents_carry_no_passwords,
    database_is_postgresql,
)


def unsafe(**_: Any) -> list[CheckMessage]:
    """What forbids a start under these settings; nothing outside a fleet."""
    if not settings.ACCESSPLANE_IS_FLEET:
        return []
    return [message for check in CHECKS for message in check()]


def register_all() -> None:
    """Make `unsafe` one of Django's system checks."""
    register(unsafe, Tags.security)


def refuse_unsafe_start() -> None:
    """Raise `ImproperlyConfigured` naming everything that is unsafe."""
    messages = unsafe()
    if messages:
        raise ImproperlyConfigured(" ".join(str(message.msg) for message in messages))
