"""Pure: the signature of messages between machines, by the Standard Webhooks scheme.

Three headers go with a body: `webhook-id`, `webhook-timestamp` (whole seconds, Unix time) and
`webhook-signature` (`v1,` and base64, one for each secret, separated by spaces). While a secret
is being replaced there are two, and whoever knows either of them is satisfied.
"""

import base64
import binascii
import hmac
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

from standardwebhooks import Webhook

TOLERANCE = timedelta(minutes=5)
_PREFIX = "whsec_"
_SHORTEST_KEY = 24  # bytes, as the scheme asks of a generated key
_LONGEST_KEY = 64
_MOST_SIGNATURES = 10


class InvalidSecret(ValueError):
    """No secret that a signature could be made with; the sentence never holds the secret."""


class BadSignature(Exception):
    """Not signed with any of the secrets, too old, from the future, or no signature at all."""


def check_secret(secret: str) -> None:
    """Raise `InvalidSecret` unless `secret` is one: `whsec_` and base64, or any other text."""
    _key(secret)


def signed(*, id: str, at: datetime, body: bytes, secrets: Sequence[str]) -> dict[str, str]:  # noqa: A002
    """The headers that sign `body`, as message `id` sent at the moment `at`.

    `body` is UTF-8. `InvalidSecret` if there is no secret, or one that is none.
    """
    if not secrets:
        raise InvalidSecret("Without a secret nothing can be signed.")
    signatures = [_signature(id, at, body, secret) for secret in secrets]
    return {
        "webhook-id": id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": " ".join(signatures),
    }


def verify(
    *,
    headers: Mapping[str, str],
    body: bytes,
    secrets: Sequence[str],
    at: datetime,
    tolerance: timedelta = TOLERANCE,
) -> str:
    """The id of the message, if `headers` (lower-case names) sign `body` with one of `secrets`.

    `BadSignature` otherwise, also if the message was signed more than `tolerance` away from `at`.
    """
    id_ = headers.get("webhook-id", "")
    sent_at = _moment(headers.get("webhook-timestamp", ""))
    given = headers.get("webhook-signature", "").split(" ")[:_MOST_SIGNATURES]
    if not id_ or sent_at is None:
        raise BadSignature("The headers of the signature are missing.")
    if abs(at - sent_at) > tolerance:
        raise BadSignature("The message is too old, or from the future.")
    wanted = [_signature(id_, sent_at, body, secret) for secret in secrets]
    matches = [
        hmac.compare_digest(one.encode(), other.encode()) for one in wanted for other in given
    ]
    if not any(matches):
        raise BadSignature("The signature is not by anybody known here.")
    return id_


def _signature(id_: str, at: datetime, body: bytes, secret: str) -> str:
    try:
        text = body.decode()
    except UnicodeDecodeError as error:
        raise BadSignature("The body is not UTF-8.") from error
    return Webhook(_key(secret)).sign(id_, at.astimezone(UTC), text)


def _key(secret: str) -> bytes:
    if not secret.startswith(_PREFIX):
        if not secret.strip():
            raise InvalidSecret("A secret is not empty.")
        return secret.encode()
    encoded = secret.removeprefix(_PREFIX)
    try:
        key = base64.b64decode(encoded + "=" * (-len(encoded) % 4), validate=True)
    except (binascii.Error, ValueError) as error:
        raise InvalidSecret(
            f"A secret that begins with {_PREFIX} goes on in base64."
        ) from error
    if not _SHORTEST_KEY <= len(key) <= _LONGEST_KEY:
        raise InvalidSecret(
            f"A secret that begins with {_PREFIX} is made of "
            f"{_SHORTEST_KEY} to {_LONGEST_KEY} bytes."
        )
    return key


def _moment(text: str) -> datetime | None:
    if not (text.isascii() and text.isdigit()):
        return None
    try:
        return datetime.fromtimestamp(int(text), UTC)
    except (ValueError, OverflowError, OSError):
        return None
