"""Secrets of other systems, as documents give them: `env:NAME`, or the secret itself.

`env:NAME` is kept as it is and looked up when it is needed. Anything else is sealed before it is
stored. What is stored may be shown only through `shown`.
"""

import os
import re

from django.utils.crypto import constant_time_compare

from accessplane.lib import sealed
from accessplane.lib.errors import InvalidInput

MAX_LENGTH = 4096
# What is shown of a secret that was written out, and what a document says to keep it.
STORED = "stored"
_ENV = "env:"
_SEALED = "sealed:"
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
# What the plane itself runs on would otherwise be sent to wherever a document says.
_OURS = re.compile(r"ACCESSPLANE_.*|DATABASE_URL|REDIS_URL|CELERY_.*|EMAIL_URL|DJANGO_.*|PG.*")


def belongs_to_plane(name: str) -> bool:
    """Whether this variable of the environment holds what the plane itself runs on."""
    return _OURS.fullmatch(name) is not None


class SecretMissing(Exception):
    """The secret is not to be had now; the sentence says why and never what it was."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


def check(secret: str) -> None:
    """Refuse (`InvalidInput`) what cannot be the secret of another system."""
    if not secret.strip() or len(secret) > MAX_LENGTH:
        raise InvalidInput(f"A secret is a text of 1 to {MAX_LENGTH} characters.")
    if secret == STORED:
        raise InvalidInput("There is no stored secret to keep: write it out.")
    if secret.startswith(_ENV):
        name = secret.removeprefix(_ENV)
        if not _NAME.fullmatch(name):
            raise InvalidInput("After env: comes the name of a variable of the environment.")
        if belongs_to_plane(name):
            raise InvalidInput(
                f"{name} belongs to the plane itself and goes to no other system."
            )


def stored(secret: str, *, purpose: str) -> str:
    """What to store for `secret` of a document; `InvalidInput` if it cannot be one."""
    check(secret)
    if secret.startswith(_ENV):
        return secret
    return _SEALED + sealed.seal(secret.encode(), purpose=purpose).decode()


def revealed(kept: str, *, purpose: str) -> str:
    """The secret behind what `stored` gave; `SecretMissing` if it is not to be had."""
    if kept.startswith(_ENV):
        name = kept.removeprefix(_ENV)
        value = os.environ.get(name, "")
        if not value.strip():
            raise SecretMissing(f"The variable {name} is not set where the plane runs.")
        return value.strip()
    try:
        return sealed.unseal(kept.removeprefix(_SEALED).encode(), purpose=purpose).decode()
    except sealed.CannotUnseal as error:
        raise SecretMissing(
            "The stored secret cannot be read: the key of the plane is another one now."
        ) from error


def same(secret: str, kept: str, *, purpose: str) -> bool:
    """Whether `secret` of a document is what is kept already."""
    if secret.startswith(_ENV) or kept.startswith(_ENV):
        return secret == kept
    try:
        known = revealed(kept, purpose=purpose)
    except SecretMissing:
        return False
    return constant_time_compare(secret, known)


def shown(kept: str) -> str:
    """All that people may see of it: `env:NAME`, or `stored`."""
    return kept if kept.startswith(_ENV) else STORED
