"""Events as signed HTTP posts, by the Standard Webhooks scheme."""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Annotated, Any, ClassVar
from urllib.parse import urlsplit

from accessplane.lib import outbound, signing
from accessplane.lib.secret_texts import check
from chatops.channels import calls
from chatops.channels.base import DeliveryFailed
from chatops.messages import Message
from chatops.specs import MOST_SECRETS, ChannelSpec, listed, told
from identity.specs import Spec, as_value_error

TIMEOUT = timedelta(seconds=10)

_LASTING = calls.LASTING | {outbound.Kind.TOO_LARGE}


class WebhookSettings(Spec, frozen=True):
    """Where to, and what to sign with: one secret, or two while one replaces the other."""

    url: Annotated[str, told("What gets the events as HTTP posts.")]
    secret: Annotated[
        str | tuple[str, ...], told("What they are signed with; begins with whsec_.")
    ]

    def __post_init__(self) -> None:
        calls.check_url(self.url)
        secrets = listed(self.secret)
        if not 1 <= len(secrets) <= MOST_SECRETS:
            raise ValueError(f"There are 1 to {MOST_SECRETS} secrets.")
        for secret in secrets:
            as_value_error(check, secret)
            if not secret.startswith("env:"):
                signing.check_secret(secret)


class WebhookSpec(ChannelSpec, frozen=True):
    """The `spec` of a channel of this type."""

    settings: WebhookSettings


class Webhook:
    """A channel whose only recipient is its URL."""

    kind: ClassVar[str] = "webhook"
    spec: ClassVar[type[ChannelSpec]] = WebhookSpec
    secrets: ClassVar[frozenset[str]] = frozenset({"secret"})
    has_recipients: ClassVar[bool] = False
    reaches_people: ClassVar[bool] = False
    follows: ClassVar[bool] = False
    pace: ClassVar[timedelta] = timedelta(milliseconds=50)

    def __init__(self, settings: Mapping[str, Any]) -> None:
        self._url: str = settings["url"]
        self._secrets = listed(settings["secret"])

    def post(self, message: Message, *, to: str, key: str, at: datetime) -> str:
        """Send the event; any answer from 200 to 299 means that it arrived."""
        body = body_of(message)
        try:
            signature = signing.signed(id=key, at=at, body=body, secrets=self._secrets)
            headers = {"content-type": "application/json", **signature}
            answer = outbound.send(
                "POST", self._url, headers=headers, body=body, timeout=TIMEOUT
            )
        except signing.InvalidSecret as error:
            raise DeliveryFailed(str(error), permanent=True) from error
        except outbound.OutboundFailed as error:
            raise DeliveryFailed(error.sentence, permanent=error.kind in _LASTING) from error
        said = f"{urlsplit(self._url).hostname} answered {answer.status}."
        if not answer.is_success:
            raise _refusal(answer, said, at=at)
        return said

    def update(self, message: Message, *, to: str, posted: str, key: str, at: datetime) -> str:
        """Send the event: what was sent before stays as it is."""
        return self.post(message, to=to, key=key, at=at)


def body_of(message: Message) -> bytes:
    """The body of the post: the event's type and time, and the whole event as `data`."""
    event = message.event
    document = {"type": event["type"], "timestamp": event["at"], "data": event}
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()


def _refusal(answer: outbound.Answer, said: str, *, at: datetime) -> DeliveryFailed:
    if not calls.may_pass(answer.status):
        return DeliveryFailed(said, permanent=True)
    wait = _retry_after(answer.headers.get("retry-after", ""), at)
    return DeliveryFailed(said, retry_after=wait)


def _retry_after(text: str, at: datetime) -> timedelta | None:
    """How long the header asks to wait: seconds, or a date; None if it says nothing readable."""
    try:
        if text.strip().isdigit():
            return timedelta(seconds=int(text))
        return max(parsedate_to_datetime(text) - at, timedelta(0))
    except (ValueError, TypeError, OverflowError):
        return None
