"""Calls of Slack's Web API, and what its refusals mean."""

import json
from collections.abc import Mapping
from datetime import timedelta
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

from accessplane.lib import outbound
from chatops.channels import calls
from chatops.channels.base import DeliveryFailed
from chatops.channels.calls import TIMEOUT

_LONGEST_WAIT = timedelta(days=1)
_LONGEST_CODE = 64
_PASSING = {
    "accesslimited",
    "fatal_error",
    "internal_error",
    "message_limit_exceeded",
    "rate_limited",
    "ratelimited",
    "request_timeout",
    "service_unavailable",
    "team_added_to_org",
}
# Slack itself does not know whether it did what was asked.
_UNKNOWN = {"fatal_error", "internal_error", "service_unavailable"}
_OF_RECIPIENT = {
    "cannot_dm_bot",
    "channel_not_found",
    "is_archived",
    "not_in_channel",
    "restricted_action",
    "restricted_action_read_only_channel",
    "restricted_action_thread_only_channel",
    "user_disabled",
    "user_not_found",
    "user_not_visible",
    "users_not_found",
}
_REASONS = {
    "account_inactive": "the app was removed from the workspace",
    "channel_not_found": "there is no such conversation, or the app is not in it",
    "invalid_auth": "the token is not valid",
    "is_archived": "the conversation is archived",
    "missing_scope": "the app lacks a permission",
    "not_in_channel": "the app is not in the conversation; invite it",
    "ratelimited": "too many messages",
    "token_revoked": "the token was revoked",
    "users_not_found": "nobody there has this e-mail address",
}


class SlackRefused(DeliveryFailed):
    """Slack answered, and said no: `error` is its own code."""

    def __init__(self, sentence: str, *, error: str) -> None:
        super().__init__(
            sentence,
            permanent=error not in _PASSING,
            of_recipient=error in _OF_RECIPIENT,
            may_have_arrived=error in _UNKNOWN,
        )
        self.error = error


class Api:
    """The methods of the API below `base`, called with one token."""

    def __init__(self, base: str, token: str) -> None:
        self._base = base if base.endswith("/") else f"{base}/"
        self._token = token

    def call(
        self,
        method: str,
        *,
        timeout: timedelta = TIMEOUT,
        largest: int = outbound.LARGEST_ANSWER,
        **arguments: Any,
    ) -> Mapping[str, Any]:
        """The answer of `method`; a form, because that is what every method reads.

        An answer of more than `largest` bytes is none. Raises `SlackRefused` for `ok: false`, else `DeliveryFailed`.
        """
        form = {
            name: value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
            for name, value in arguments.items()
        }
        headers = {
            "authorization": f"Bearer {self._token}",
            "content-type": "application/x-www-form-urlencoded; charset=utf-8",
        }
        body = urlencode(form).encode()
        said = _sent(self._base + method, headers, body, timeout, largest=largest)
        try:
            answer = json.loads(said)
            is_fine = answer["ok"] is True
        except (ValueError, KeyError, TypeError) as error:
            raise DeliveryFailed(
                f"Slack answered {method} with something unreadable.", may_have_arrived=True
            ) from error
        if not is_fine:
            raise _refusal(method, str(answer.get("error"))[:_LONGEST_CODE])
        found: Mapping[str, Any] = answer
        return found


def respond(url: str, document: Mapping[str, Any], *, timeout: timedelta = TIMEOUT) -> None:
    """Post to a `response_url` that Slack gave; `DeliveryFailed` if that fails."""
    headers = {"content-type": "application/json; charset=utf-8"}
    _sent(url, headers, json.dumps(document).encode(), timeout)


def _sent(
    url: str,
    headers: Mapping[str, str],
    body: bytes,
    timeout: timedelta,
    *,
    largest: int = outbound.LARGEST_ANSWER,
) -> bytes:
    answer = calls.sent(
        "POST", url, headers=headers, body=body, timeout=timeout, largest=largest
    )
    if answer.status == HTTPStatus.TOO_MANY_REQUESTS:
        wait = calls.seconds(answer.headers.get("retry-after", ""))
        raise DeliveryFailed(
            "Slack wants fewer messages (ratelimited).",
            retry_after=None if wait is None else min(wait, _LONGEST_WAIT),
        )
    if not answer.is_success:
        is_theirs = answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR
        raise DeliveryFailed(
            f"Slack answered {answer.status}.",
            permanent=not is_theirs,
            may_have_arrived=is_theirs,
        )
    return answer.body


def _refusal(method: str, error: str) -> SlackRefused:
    reason = f"{_REASONS[error]} ({error})" if error in _REASONS else error
    return SlackRefused(f"Slack refused {method}: {reason}.", error=error)
