"""Secrets at rest: sealed with a key derived from the plane's own."""

import base64
import hashlib

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings


class CannotUnseal(Exception):
    """It was sealed with a key that is known no longer, or changed since."""


def seal(content: bytes, *, purpose: str) -> bytes:
    """`content`, encrypted and authenticated; only `unseal` with the same purpose reads it."""
    return _fernet(purpose).encrypt(content)


def unseal(sealed: bytes, *, purpose: str) -> bytes:
    """What `seal` was given; raises `CannotUnseal`."""
    try:
        return _fernet(purpose).decrypt(sealed)
    except InvalidToken as error:
        raise CannotUnseal from error


def _fernet(purpose: str) -> MultiFernet:
    """Seals with the plane's key; reads what was sealed with a key of before, too."""
    keys = [settings.SECRET_KEY, *map(str, settings.SECRET_KEY_FALLBACKS)]
    return MultiFernet([_derived(key, purpose) for key in keys])


def _derived(key: str, purpose: str) -> Fernet:
    material = f"accessplane:{purpose}:{key}".encode()
    return Fernet(base64.urlsafe_b64encode(hashlib.sha256(material).digest()))
