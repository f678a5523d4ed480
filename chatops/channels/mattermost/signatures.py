"""Pure: what makes a call Mattermost's, which signs nothing itself.

A button's context goes from us to the server and back, and is shown to nobody: our signature on
it says that the server calls. It would be a key to everything for whoever saw it after all, so it
is none: it opens a dialog, and no more. The dialog's state is shown to the one account for which
Mattermost opened it, and names that account under a signature, so it is of use to nobody else.
"""

import base64
import binascii
import hashlib
import hmac
import json
from collections.abc import Sequence
from dataclasses import dataclass

SHORTEST_SECRET = 32  # whoever gets a dialog sees a signature, and may try secrets on it
_TRIGGER_PARTS = 4


@dataclass(frozen=True, slots=True)
class Signer:
    """Signs for one configured channel: with the first of its secrets; any of them is right."""

    channel: str
    secrets: Sequence[str]

    def sign(self, purpose: str, *said: str) -> str:
        """The signature of what is said for this purpose, here, and for no other one."""
        return self._with(self.secrets[0], purpose, said)

    def has_signed(self, signature: str, purpose: str, *said: str) -> bool:
        """Whether `sign` gave this signature for the same; in constant time."""
        given = signature.encode()
        right = [self._with(secret, purpose, said).encode() for secret in self.secrets]
        return any(hmac.compare_digest(given, one) for one in right)

    def _with(self, secret: str, purpose: str, said: Sequence[str]) -> str:
        text = json.dumps(["access-plane", "mattermost", purpose, self.channel, *said])
        return hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()


def owner_of(trigger_id: str) -> str:
    """The account for which a trigger opens dialogs; empty if this is none.

    Mattermost makes it of four parts, base64 around them: an id, the account, the time, and its
    signature. Only the server can check that, and does when the trigger is used.
    """
    try:
        parts = base64.b64decode(trigger_id, validate=True).decode("ascii").split(":")
    except (binascii.Error, ValueError):
        return ""
    return parts[1] if len(parts) == _TRIGGER_PARTS else ""
