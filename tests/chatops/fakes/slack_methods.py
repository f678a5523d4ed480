"""The methods of Slack's Web API: what they do in the fake workspace, and what they refuse.

Names, errors and scopes are those of the public reference.
"""

import json
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from tests.chatops.fakes.block_kit import BOT, Refusal, Shown, check_blocks, check_view

if TYPE_CHECKING:
    from tests.chatops.fakes.slack import Workspace

TEAM, BOT_ID = "T0PLANE01", "B0PLANE01"
# What the shipped manifest asks for.
SCOPES = frozenset({
    "chat:write", "commands", "im:write", "users:read", "users:read.email",
    "channels:read", "groups:read", "channels:history", "groups:history", "im:history",
})  # fmt: skip
_ID = re.compile(r"[CDG][A-Z0-9]+")


def _test(space: "Workspace", _form: dict[str, str]) -> dict[str, Any]:
    return {"url": "https://plane.slack.com/", "team": "Plane", "user": "access-plane",
            "team_id": TEAM, "user_id": BOT, "bot_id": BOT_ID}  # fmt: skip


def _info(space: "Workspace", form: dict[str, str]) -> dict[str, Any]:
    space.need("users:read")
    if form.get("user") not in space.users:
        raise Refusal("user_not_found")
    return {"user": space.users[form["user"]]}


def _lookup(space: "Workspace", form: dict[str, str]) -> dict[str, Any]:
    space.need("users:read", "users:read.email")
    for user in space.users.values():
        if user["profile"].get("email") == form["email"] and not user["deleted"]:
            return {"user": user}
    raise Refusal("users_not_found")


def _open_conversation(space: "Workspace", form: dict[str, str]) -> dict[str, Any]:
    space.need("im:write")
    if form["users"] not in space.users:
        raise Refusal("user_not_found")
    return {"channel": {"id": _direct(space, form["users"])}}


def _direct(space: "Workspace", account: str) -> str:
    channel = f"D{account[1:]}"
    space.channels[channel] = {"id": channel, "name": channel, "is_member": True}
    return channel


def _post(space: "Workspace", form: dict[str, str]) -> dict[str, Any]:
    space.need("chat:write")
    to = form["channel"]
    place = space.place(_direct(space, to) if to in space.users else to)
    if place.get("is_archived"):
        raise Refusal("is_archived")
    channel = place["id"]
    blocks = _blocks(form)
    if not form.get("text") and not blocks:
        raise Refusal("no_text")
    shown = Shown(
        channel=channel,
        ts=space.stamp(),
        text=form.get("text", ""),
        blocks=blocks,
        thread_ts=form.get("thread_ts", ""),
        metadata=json.loads(form.get("metadata", "null")),
    )
    space.messages.append(shown)
    return {"channel": channel, "ts": shown.ts, "message": {"text": shown.text}}


def _update(space: "Workspace", form: dict[str, str]) -> dict[str, Any]:
    space.need("chat:write")
    shown = space.message(form)
    shown.blocks, shown.text = _blocks(form), form["text"]
    shown.edits += 1
    return {"channel": shown.channel, "ts": shown.ts, "text": shown.text}


def _blocks(form: dict[str, str]) -> list[dict[str, Any]]:
    """The blocks of a message that has any."""
    blocks = json.loads(form.get("blocks", "[]"))
    if "blocks" in form:
        check_blocks(blocks, most=50)
    return blocks


def _history(space: "Workspace", form: dict[str, str]) -> dict[str, Any]:
    """The messages of a conversation, the newest first, without those in threads."""
    found = [one for one in _read(space, form) if not one.thread_ts]
    return _page(found[::-1], form)


def _replies(space: "Workspace", form: dict[str, str]) -> dict[str, Any]:
    """A message and those in its thread, the oldest first."""
    found = _read(space, form)
    if not any(one.ts == form["ts"] for one in space.seen_in(form["channel"])):
        raise Refusal("thread_not_found")
    return _page([one for one in found if form["ts"] in {one.ts, one.thread_ts}], form)


def _read(space: "Workspace", form: dict[str, str]) -> list[Shown]:
    if not _ID.fullmatch(form["channel"]):  # unlike chat.postMessage, it reads no names
        raise Refusal("channel_not_found")
    channel = space.place(form["channel"])
    kind = {"D": "im", "G": "groups"}.get(channel["id"][0], "channels")
    space.need(f"{kind}:history")
    oldest = float(form.get("oldest", "0"))
    return [one for one in space.seen_in(channel["id"]) if float(one.ts) > oldest]


def _page(found: list[Shown], form: dict[str, str]) -> dict[str, Any]:
    start = int(form.get("cursor") or 0)
    end = start + int(form.get("limit", "100"))
    with_metadata = form.get("include_all_metadata") == "true"
    messages = [_shown(one, with_metadata=with_metadata) for one in found[start:end]]
    following = str(end) if end < len(found) else ""
    return {
        "messages": messages,
        "has_more": bool(following),
        "response_metadata": {"next_cursor": following},
    }


def _shown(one: Shown, *, with_metadata: bool) -> dict[str, Any]:
    shown = {"type": "message", "user": one.user, "text": one.text, "ts": one.ts}
    shown |= {"blocks": one.blocks} | ({"thread_ts": one.thread_ts} if one.thread_ts else {})
    if one.user == BOT:
        shown |= {"bot_id": BOT_ID}
    return shown | ({"metadata": one.metadata} if one.metadata and with_metadata else {})


def _own_conversations(space: "Workspace", form: dict[str, str]) -> dict[str, Any]:
    """The channels that the app is in."""
    assert form["types"] == "public_channel,private_channel"
    space.need("channels:read", "groups:read")
    found = [
        {"id": one["id"], "name": one["name"], "is_archived": False}
        for one in space.channels.values()
        if one["is_member"] and not one["id"].startswith("D")
    ]
    return {"channels": found, "response_metadata": {"next_cursor": ""}}


def _open_view(space: "Workspace", form: dict[str, str]) -> dict[str, Any]:
    view = check_view(json.loads(form["view"]), "modal")
    account = space.triggers.get(form["trigger_id"])
    if account is None:
        raise Refusal("invalid_trigger_id")
    if not account:
        raise Refusal("exchanged_trigger_id")
    space.triggers[form["trigger_id"]] = ""
    space.windows.setdefault(account, []).append(view)
    return {"view": {"id": "V0DIALOG", **view}}


def _publish(space: "Workspace", form: dict[str, str]) -> dict[str, Any]:
    space.homes[form["user_id"]] = check_view(json.loads(form["view"]), "home")
    return {"view": {"id": "V0HOME"}}


def _connect(space: "Workspace", _form: dict[str, str]) -> dict[str, Any]:
    return {"url": space.socket_url}


METHODS: dict[str, Callable[["Workspace", dict[str, str]], dict[str, Any]]] = {
    "auth.test": _test,
    "users.info": _info,
    "users.lookupByEmail": _lookup,
    "conversations.open": _open_conversation,
    "chat.postMessage": _post,
    "chat.update": _update,
    "conversations.history": _history,
    "conversations.replies": _replies,
    "users.conversations": _own_conversations,
    "views.open": _open_view,
    "views.publish": _publish,
    "apps.connections.open": _connect,
}
