"""Whatever Apprise reaches, one way: news go out, and people decide on the pages."""

import json
import logging
import os
import sys
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Annotated, Any, ClassVar

import msgspec
from django.conf import settings

from accessplane.lib import outbound, processes
from accessplane.lib.addresses import Allowed
from accessplane.lib.secret_texts import check
from chatops.channels import calls
from chatops.channels.apprise import texts
from chatops.channels.apprise.schemes import scheme_of
from chatops.channels.base import DeliveryFailed
from chatops.messages import Message, Mood
from chatops.specs import ChannelSpec, told
from identity.specs import Spec, as_value_error

log = logging.getLogger(__name__)

TIMEOUT = timedelta(seconds=10)
# For starting the process, beside what it does.
_TO_START = timedelta(seconds=10)
_LARGEST = 64 * 1024
_TAKEN = 2  # hundred and something
# All that the child needs of our environment, in which there are secrets.
_KEPT = ("LANG", "LC_ALL", "PATH", "SSL_CERT_DIR", "SSL_CERT_FILE", "TZ")
_MOODS = {
    Mood.WAITING: "info",
    Mood.GOOD: "success",
    Mood.BAD: "failure",
    Mood.OVER: "info",
}


class AppriseSettings(Spec, frozen=True):
    """The URL says which service, with which credentials, and to whom."""

    url: Annotated[
        str, told("Of Apprise, for one recipient, such as tgram://bot-token/chat-id.")
    ]

    def __post_init__(self) -> None:
        as_value_error(check, self.url)
        if not self.url.startswith("env:"):
            scheme_of(self.url)


class AppriseSpec(ChannelSpec, frozen=True):
    """The `spec` of a channel of this type."""

    settings: AppriseSettings


class Call(msgspec.Struct):
    """An HTTP call that was made: the answer's host and status, or why there was none."""

    host: str = ""
    status: int = 0
    wait: str = ""
    kind: str = ""
    sentence: str = ""


class Said(msgspec.Struct):
    """What the process says came of it."""

    delivered: bool = False
    calls: list[Call] = []
    problem: str = ""
    error: str = ""


class Apprise:
    """A channel whose only recipient is the one that its URL names."""

    kind: ClassVar[str] = "apprise"
    spec: ClassVar[type[ChannelSpec]] = AppriseSpec
    secrets: ClassVar[frozenset[str]] = frozenset({"url"})
    has_recipients: ClassVar[bool] = False
    reaches_people: ClassVar[bool] = False
    follows: ClassVar[bool] = True
    pace: ClassVar[timedelta] = timedelta(seconds=1)

    def __init__(self, settings: Mapping[str, Any]) -> None:
        self._url: str = settings["url"]

    def post(self, message: Message, *, to: str, key: str, at: datetime) -> str:
        """Send the message; most services know no keys, so a lost answer means a second one."""
        return self._send(message, texts.whole(message))

    def update(self, message: Message, *, to: str, posted: str, key: str, at: datetime) -> str:
        """Send the news: what was sent before stays as it is."""
        return self._send(message, texts.news(message))

    def _send(self, message: Message, body: str) -> str:
        outbound.check_outside_transactions()
        try:
            scheme = scheme_of(self._url)
        except ValueError as refusal:
            raise DeliveryFailed(str(refusal), permanent=True) from refusal
        said = _told(
            {
                "url": self._url,
                "scheme": scheme,
                "title": texts.harmless(message.title),
                "body": body,
                "mood": _MOODS[message.mood],
                "seconds": TIMEOUT.total_seconds(),
                "allowed": _entries(settings.ACCESSPLANE_OUTBOUND_ALLOW),
            }
        )
        if said.delivered:
            return f"{said.calls[-1].host[:200]} took it." if said.calls else "It was taken."
        raise failure_of(said)


def _entries(allowed: Allowed) -> list[str]:
    return [*allowed.hosts, *map(str, allowed.networks)]


def _told(what: Mapping[str, Any]) -> Said:
    """What came of it, in a process of its own."""
    try:
        finished = processes.run(
            [sys.executable, "-B", "-m", "chatops.channels.apprise.child"],
            json.dumps(what).encode(),
            cwd=settings.BASE_DIR,
            env={name: os.environ[name] for name in _KEPT if name in os.environ},
            patience=TIMEOUT + _TO_START,
            largest=_LARGEST,
        )
        if finished.code == 0:
            return msgspec.json.decode(finished.written, type=Said)
    except processes.Stopped as error:
        raise DeliveryFailed("Apprise took too long.") from error
    except msgspec.MsgspecError as error:
        raise DeliveryFailed("Apprise came to nothing.") from error
    log.warning("Apprise ended with the code %s.", finished.code)  # what it wrote may be secret
    raise DeliveryFailed("Apprise could not be run.")


def failure_of(said: Said) -> DeliveryFailed:
    """Why it did not arrive, by the last answer that is none or a no: some services are left
    politely after that. Apprise itself only knows that it did not."""
    if said.problem:
        return DeliveryFailed(said.problem, permanent=True)
    if said.error:
        return DeliveryFailed(f"Apprise failed ({said.error[:64]}).")
    if not said.calls:
        return DeliveryFailed("Apprise sent nothing by this URL.", permanent=True)
    noes = [call for call in said.calls if call.kind or call.status // 100 != _TAKEN]
    return _refusal((noes or said.calls)[-1])


def _refusal(last: Call) -> DeliveryFailed:
    if last.kind:
        return DeliveryFailed(last.sentence, permanent=last.kind in calls.LASTING)
    status = last.status
    if status // 100 == _TAKEN:
        return DeliveryFailed(f"{last.host} answered {status}, and did not take the message.")
    said = f"{last.host} answered {status}."
    if not calls.may_pass(status):
        return DeliveryFailed(said, permanent=True)
    return DeliveryFailed(said, retry_after=calls.wait({"retry-after": last.wait}))
