"""Calls of a service over HTTP, and what it means when it says no, or nothing."""

import json
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from datetime import timedelta
from http import HTTPStatus
from typing import Any, ClassVar, TypeVar
from urllib.parse import urlencode

import msgspec

from accessplane.lib import outbound
from chatops.channels.base import DeliveryFailed

TIMEOUT = timedelta(seconds=8)
LONGEST_WAIT = timedelta(hours=1)
LONGEST_WORD = 120
LASTING = frozenset(
    {outbound.Kind.BAD_URL, outbound.Kind.REFUSED_ADDRESS, outbound.Kind.REDIRECT}
)
_PASSING = {
    HTTPStatus.REQUEST_TIMEOUT,
    HTTPStatus.CONFLICT,
    HTTPStatus.TOO_EARLY,
    HTTPStatus.TOO_MANY_REQUESTS,
}

Wanted = TypeVar("Wanted", bound=msgspec.Struct)


class Refused(DeliveryFailed):
    """A service said no: `status` is how, `code` its own word for it, where it has one.

    It is permanent unless the status, or whoever knows the service better, says `is_passing`.
    """

    def __init__(
        self,
        sentence: str,
        *,
        status: int,
        code: int | str = "",
        is_passing: bool = False,
        of_recipient: bool = False,
        retry_after: timedelta | None = None,
    ) -> None:
        super().__init__(
            sentence,
            permanent=not (is_passing or may_pass(status)),
            of_recipient=of_recipient,
            retry_after=retry_after,
        )
        self.status = status
        self.code = code


class Done(msgspec.Struct):
    """An answer of which nothing is read; there may be none."""


class Api(ABC):
    """The API of a service, JSON both ways, below `base`; the same headers go with every call.

    `name` is what people call the service, `largest` the most bytes of an answer. A service says
    in `refusal` what its noes mean.
    """

    name: ClassVar[str]
    largest: ClassVar[int] = outbound.LARGEST_ANSWER

    def __init__(self, base: str, headers: Mapping[str, str]) -> None:
        self._base = base
        self._headers = {"content-type": "application/json", **headers}

    def call(
        self,
        method: str,
        path: str,
        into: type[Wanted],
        *,
        document: Mapping[str, Any] | Sequence[Any] | None = None,
        query: Mapping[str, Any] | None = None,
        timeout: timedelta = TIMEOUT,
    ) -> Wanted:
        """The answer to one call; `Refused` for a no, else `DeliveryFailed` if there is none."""
        url = f"{self._base}{path}"
        if query:
            url = f"{url}?{urlencode(query, doseq=True)}"
        body = b"" if document is None else json.dumps(document).encode()
        answer = sent(
            method,
            url,
            headers=self._headers,
            body=body,
            timeout=timeout,
            largest=self.largest,
        )
        if not answer.is_success:
            raise self.refusal(answer)
        return decoded(self.name, answer.body, into)

    @abstractmethod
    def refusal(self, answer: outbound.Answer) -> Refused:
        """What this answer, which is a no, means; in a sentence without anything secret."""


def check_url(url: str) -> None:
    """Raise `ValueError`, as settings do, unless `url` can be called."""
    try:
        outbound.check_url(url)
    except outbound.OutboundFailed as refusal:
        raise ValueError(refusal.sentence) from refusal


def sent(
    method: str,
    url: str,
    *,
    headers: Mapping[str, str],
    body: bytes,
    timeout: timedelta,
    largest: int = outbound.LARGEST_ANSWER,
) -> outbound.Answer:
    """The answer, whatever its status; `DeliveryFailed` if there is none."""
    try:
        return outbound.send(
            method, url, headers=headers, body=body, timeout=timeout, largest=largest
        )
    except outbound.OutboundFailed as error:
        is_lasting = error.kind in LASTING
        raise DeliveryFailed(
            error.sentence, permanent=is_lasting, may_have_arrived=not is_lasting
        ) from error


def decoded(name: str, body: bytes, into: type[Wanted]) -> Wanted:
    """The answer of the service `name`; `DeliveryFailed` if it cannot be read."""
    found = readable(b"{}" if into is Done and not body else body, into)
    if found is None:
        raise DeliveryFailed(f"{name} answered with something unreadable.")
    return found


def readable(body: bytes, into: type[Wanted]) -> Wanted | None:
    """What the body says; None if that cannot be read."""
    try:
        return msgspec.json.decode(body, type=into)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return None


def printable(text: str, most: int = LONGEST_WORD) -> str:
    """The beginning of what a service says, as far as it can be shown."""
    return "".join(letter for letter in text if letter.isprintable())[:most]


def may_pass(status: int) -> bool:
    """Whether the same call may well be answered differently later on."""
    return status >= HTTPStatus.INTERNAL_SERVER_ERROR or status in _PASSING


def seconds(text: str) -> timedelta | None:
    """How long a header asks to wait that names seconds; None if it names none."""
    text = text.strip()
    return timedelta(seconds=int(text[:9])) if text.isascii() and text.isdigit() else None


def wait(headers: Mapping[str, str], *names: str) -> timedelta | None:
    """How long a service asks to be left alone, an hour at most, by the first header that says it."""
    asked = (seconds(headers.get(name, "")) for name in names or ("retry-after",))
    first = next((one for one in asked if one is not None), None)
    return None if first is None else min(first, LONGEST_WAIT)
