"""Calls as an app of Microsoft Entra: its tokens, what it calls with them, and what a no means."""

import json
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from http import HTTPStatus
from typing import Any
from urllib.parse import quote, urlencode

import msgspec

from accessplane.lib import outbound
from chatops.channels import calls
from chatops.channels.calls import Refused, Wanted

# Three services may have to answer before a card is out, and a posting is leased for a minute.
TIMEOUT = timedelta(seconds=5)
# Somebody waits: what he pressed is answered within a few seconds.
AT_ONCE = timedelta(seconds=2.5)
_LARGEST = 256 * 1024
_EARLY = timedelta(minutes=2)  # a token is renewed before it ends on the way
_CODE = re.compile(r"[A-Za-z0-9_]{1,64}")
_REASONS = {
    "Authorization_RequestDenied": "the app lacks the permission User.Read.All",
    "BotDisabledByAdmin": "an administrator of Teams has disabled the app",
    "BotNotInConversationRoster": "the app is not in the conversation; add it there",
    "BotNotRegistered": "no bot is registered for the app",
    "ConversationBlockedByUser": "whoever it is for has blocked the app",
    "ConversationNotFound": "there is no such conversation, or the app is not in it",
    "ForbiddenOperationException": "the app is not installed for whoever it is for",
    "InvalidBotApiHost": "service_url is not that of the organisation's cloud",
    "MessageSizeTooBig": "the message is too long",
    "MessageWritesBlocked": "whoever it is for has blocked or removed the app",
    "Throttled": "too many messages",
}
_OF_RECIPIENT = {
    "BotNotInConversationRoster",
    "ConversationBlockedByUser",
    "ConversationNotFound",
    "ForbiddenOperationException",
    "MessageWritesBlocked",
}


class Resource(msgspec.Struct, rename="camel"):
    """What was made: a conversation, or an activity, and perhaps the first activity in it."""

    id: str
    activity_id: str | None = None


class Person(msgspec.Struct, rename="camel"):
    """What is read of a user of the organisation's directory."""

    id: str
    mail: str | None = None
    user_principal_name: str | None = None
    user_type: str | None = None
    account_enabled: bool | None = None


class People(msgspec.Struct):
    """A page of users."""

    value: list[Person]


class _Granted(msgspec.Struct):
    access_token: str
    expires_in: int


class _Error(msgspec.Struct):
    code: str = ""


class _Failure(msgspec.Struct):
    error: _Error | str = ""
    message: str = ""


@dataclass(frozen=True, slots=True)
class _Token:
    text: str
    ends: float  # on the clock that nobody sets


_tokens: dict[tuple[str, ...], _Token] = {}


class App:
    """An app of the organisation `tenant`, which signs in with its secret at `login_url`."""

    def __init__(self, login_url: str, *, tenant: str, app_id: str, secret: str) -> None:
        self._url = f"{login_url.rstrip('/')}/{quote(tenant, safe='')}/oauth2/v2.0/token"
        self._app_id = app_id
        self._secret = secret

    def token(self, scope: str, *, timeout: timedelta = TIMEOUT) -> str:
        """A token for `scope`, kept in memory until it ends; `DeliveryFailed` if there is none."""
        kept = _tokens.get(self._key(scope))
        if kept is None or kept.ends <= time.monotonic():
            kept = _tokens[self._key(scope)] = self._fetched(scope, timeout)
        return kept.text

    def forget(self, scope: str) -> None:
        """Throw the token away: a service does not take it any more."""
        _tokens.pop(self._key(scope), None)

    def _key(self, scope: str) -> tuple[str, ...]:
        """A token is of use to whoever knows the secret it was given for."""
        return (self._url, self._app_id, scope, sha256(self._secret.encode()).hexdigest())

    def _fetched(self, scope: str, timeout: timedelta) -> _Token:
        form = {
            "grant_type": "client_credentials",
            "client_id": self._app_id,
            "client_secret": self._secret,
            "scope": scope,
        }
        answer = sent(
            "POST",
            self._url,
            headers={"content-type": "application/x-www-form-urlencoded"},
            body=urlencode(form).encode(),
            timeout=timeout,
        )
        if not answer.is_success:
            raise refusal("Microsoft Entra", answer)
        granted = calls.decoded("Microsoft Entra", answer.body, _Granted)
        lasts = max(granted.expires_in - _EARLY.total_seconds(), 0)
        return _Token(granted.access_token, time.monotonic() + lasts)


class Api:
    """An API below `base`, called as the app; `name` is what people call it."""

    def __init__(self, name: str, base: str, app: App, scope: str) -> None:
        self._name = name
        self._base = base.rstrip("/")
        self._app = app
        self._scope = scope

    def call(
        self,
        method: str,
        path: str,
        into: type[Wanted],
        *,
        document: Mapping[str, Any] | None = None,
        query: Mapping[str, str] | None = None,
        timeout: timedelta = TIMEOUT,
    ) -> Wanted:
        """The answer to one call; `Refused` for a no, else `DeliveryFailed` if there is none."""
        url = f"{self._base}{path}"
        if query:
            url = f"{url}?{urlencode(query, safe='$', quote_via=quote)}"
        body = b"" if document is None else json.dumps(document, ensure_ascii=False).encode()
        answer = self._sent(method, url, body, timeout)
        if answer.status == HTTPStatus.UNAUTHORIZED:  # the token was taken back before its end
            self._app.forget(self._scope)
            answer = self._sent(method, url, body, timeout)
        if not answer.is_success:
            raise refusal(self._name, answer)
        return calls.decoded(self._name, answer.body, into)

    def check(self) -> None:
        """See whether the app gets a token; `DeliveryFailed` if it does not."""
        self._app.forget(self._scope)
        self._app.token(self._scope)

    def _sent(self, method: str, url: str, body: bytes, timeout: timedelta) -> outbound.Answer:
        headers = {
            "accept": "application/json",
            "authorization": f"Bearer {self._app.token(self._scope, timeout=timeout)}",
            "content-type": "application/json; charset=utf-8",
        }
        return sent(method, url, headers=headers, body=body, timeout=timeout)


def sent(
    method: str, url: str, *, headers: Mapping[str, str], body: bytes, timeout: timedelta
) -> outbound.Answer:
    """The answer, whatever its status; `DeliveryFailed` if there is none."""
    return calls.sent(
        method, url, headers=headers, body=body, timeout=timeout, largest=_LARGEST
    )


def refusal(name: str, answer: outbound.Answer) -> Refused:
    """What this answer of `name` means, in a sentence without anything secret."""
    code = _code_in(answer.body)
    reason = f"{_REASONS[code]} ({code})" if code in _REASONS else code
    said = f"{name} answered {answer.status}"
    return Refused(
        f"{said}: {reason}." if reason else f"{said}.",
        status=answer.status,
        code=code,
        is_passing=answer.status == HTTPStatus.PRECONDITION_FAILED,
        of_recipient=code in _OF_RECIPIENT,
        retry_after=calls.wait(answer.headers),
    )


def _code_in(body: bytes) -> str:
    """The service's own code of what is wrong, if it can be read; some hide it in the message."""
    failure = calls.readable(body, _Failure) or _Failure()
    code = failure.error if isinstance(failure.error, str) else failure.error.code
    if not code:
        code = next((known for known in _REASONS if known in failure.message), "")
    return code if _CODE.fullmatch(code) else ""
