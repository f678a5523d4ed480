"""Secrets at rest: sealed with a key derived from the plane's own."""

import base64
import hashlib

from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings


class CannotUnseal(Exception):
    """It was sealed with another key, or changed since."""


def seal(content: bytes, *, purpose: str) -> bytes:
    """`content`, encrypted and authenticated; only `unseal` with the same purpose reads it."""
    return _fernet(purpose).encrypt(content)


def unseal(sealed: bytes, *, purpose: str) -> bytes:
    """What `seal` was given; raises `CannotUnseal`."""
    try:
        return _fernet(purpose).decrypt(sealed)
    except InvalidToken as error:
        raise CannotUnseal from error


def _fernet(purpose: str) -> Fernet:
    material = f"accessplane:{purpose}:{settings.SECRET_KEY}".encode()
    return Fernet(base64.urlsafe_b64encode(hashlib.sha256(material).digest()))
