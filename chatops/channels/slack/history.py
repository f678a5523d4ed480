"""What stands in a conversation already: looked up where an answer of Slack's may be lost.

Slack knows no keys of messages, but it keeps what an app wrote beside them, and lets it read that
again in the conversations that it is in.
"""

import logging
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from chatops.channels.slack.api import Api

log = logging.getLogger(__name__)

EVENT_TYPE = "access_plane_news"
# What Slack's clock may say besides.
SKEW = timedelta(minutes=5)
_PAGE, _MOST_PAGES = 100, 5
# Of each call: all pages, and the post that follows, have to be done within the lease.
_PATIENCE = timedelta(seconds=2.5)
_LARGEST = 4 * 1024 * 1024  # a page of the longest cards
_CONVERSATIONS = 200


def marked(key: str, event_type: str) -> dict[str, Any]:
    """The metadata by which a message is found again."""
    return {"event_type": EVENT_TYPE, "event_payload": {"key": key, "type": event_type}}


def find(api: Api, method: str, key: str, *, since: datetime, **where: str) -> str:
    """The `ts` of the app's own message of this key, among those since then; or nothing.

    `method` and `where` say among which: a whole conversation, or a thread.
    """
    oldest = f"{(since - SKEW).timestamp():.6f}"
    arguments = where | {"oldest": oldest, "include_all_metadata": "true"}
    for page in _pages(api, method, limit=_PAGE, **arguments):
        for message in page.get("messages") or ():
            if _key_of(message) == key and _is_own(api, message):
                return str(message["ts"])
    return ""


def id_of(api: Api, name: str) -> str:
    """The id of the conversation of this name, if the app is in it; or nothing."""
    pages = _pages(
        api,
        "users.conversations",
        types="public_channel,private_channel",
        exclude_archived="true",
        limit=_CONVERSATIONS,
    )
    for page in pages:
        for conversation in page.get("channels") or ():
            if conversation.get("name") == name:
                return str(conversation["id"])
    return ""


def _pages(api: Api, method: str, **arguments: Any) -> Iterator[Mapping[str, Any]]:
    """One page of the answer after the other, until they end or there are too many."""
    cursor: dict[str, Any] = {}
    for _ in range(_MOST_PAGES):
        page = api.call(method, timeout=_PATIENCE, largest=_LARGEST, **arguments, **cursor)
        yield page
        following = (page.get("response_metadata") or {}).get("next_cursor")
        if not following:
            return
        cursor = {"cursor": str(following)}
    log.warning("Slack has more to say to %s than is read.", method)


def _key_of(message: Mapping[str, Any]) -> str:
    metadata = message.get("metadata") or {}
    payload = metadata.get("event_payload") or {}
    return str(payload.get("key", "")) if metadata.get("event_type") == EVENT_TYPE else ""


def _is_own(api: Api, message: Mapping[str, Any]) -> bool:
    """Whether the app wrote it: what is written beside a message, everybody's apps can copy."""
    own = api.call("auth.test", timeout=_PATIENCE)
    return any(
        own.get(by) and message.get(field) == own[by]
        for field, by in (("user", "user_id"), ("bot_id", "bot_id"))
    )
