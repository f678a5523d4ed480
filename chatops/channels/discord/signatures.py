"""Pure: whether Discord signed something: Ed25519 over the timestamp and the body."""

import re
from datetime import datetime, timedelta

AHEAD = OLDEST = timedelta(minutes=5)
_TIMESTAMP = re.compile(r"[0-9]{1,12}")
_KEY = re.compile(r"[0-9A-Fa-f]{64}")
_SIGNATURE = re.compile(r"[0-9A-Fa-f]{128}")

# Of the curve of Ed25519 (RFC 8032, 5.1).
_P = 2**255 - 19
_D = -121665 * pow(121666, -1, _P) % _P
_OF_ORDER_8 = 2707385501144840649318225287225658788936804267575313519463743609750303021402
_WEAK = {0, 1, _P - 1, _OF_ORDER_8, _P - _OF_ORDER_8}


def key_in(text: str) -> bytes:
    """The public key that the text is, in hexadecimal; `ValueError` says what is wrong with it.

    A key that is no point of the curve was mistyped. One of small order (all zeros is one) would
    let anybody sign.
    """
    if not _KEY.fullmatch(text):
        raise ValueError("A public key has 64 hexadecimal digits.")
    key = bytes.fromhex(text)
    y = int.from_bytes(key, "little") & (2**255 - 1)
    x_squared = (y * y - 1) * pow(_D * y * y + 1, -1, _P) % _P
    is_point = y < _P and pow(x_squared, (_P - 1) // 2, _P) in {0, 1}
    if not is_point or y in _WEAK:
        raise ValueError("This is no public key of an application; look for a slip of the pen.")
    return key


def is_signed(
    body: bytes, *, timestamp: str, signature: str, public_key: str, at: datetime
) -> bool:
    """Whether the owner of the key signed this body, at most five minutes before or after `at`.

    Ed25519 compares nothing that is secret.
    """
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    if not _TIMESTAMP.fullmatch(timestamp) or not _SIGNATURE.fullmatch(signature):
        return False
    age = timedelta(seconds=at.timestamp() - int(timestamp))
    if not -AHEAD <= age <= OLDEST:
        return False
    key = Ed25519PublicKey.from_public_bytes(key_in(public_key))
    try:
        key.verify(bytes.fromhex(signature), timestamp.encode() + body)
    except InvalidSignature:
        return False
    return True
