"""Pure: what Jira's webhooks say, and whether Jira signed them."""

import hashlib
import hmac
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated

import msgspec
from msgspec import Meta

from accessplane.lib.errors import InvalidInput

_METHOD = "sha256="
_UPDATED = "jira:issue_updated"
_PERSON = "atlassian"  # else an app, or a customer of a service desk
_LATEST = 253_402_300_799_000  # the last millisecond that there is a date for, roughly


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """A person moved an issue to another status.

    `key` is made of what Jira signed, and the same if it is sent again. `account` is the id of
    the account in the Cloud, `user_key` that in a Data Center; `creators` are the ids of who
    made the issue.
    """

    key: str
    at: datetime
    issue: str
    account: str
    user_key: str
    creators: frozenset[str]
    name: str
    status: str
    status_id: str


_Id = (
    Annotated[str, Meta(min_length=1, max_length=50)] | Annotated[int, Meta(ge=0, le=2**63 - 1)]
)
_Account = Annotated[str, Meta(max_length=200)]


class _User(msgspec.Struct, rename="camel"):
    account_id: _Account | None = None
    account_type: str = _PERSON
    key: _Account | None = None
    display_name: str = ""


class _Fields(msgspec.Struct):
    creator: _User | None = None


class _Issue(msgspec.Struct):
    id: _Id
    fields: _Fields | None = None


class _Item(msgspec.Struct):
    field: str
    fieldtype: str = "jira"
    to: str | None = None
    to_string: str | None = msgspec.field(name="toString", default=None)


class _Changelog(msgspec.Struct):
    id: _Id
    items: list[_Item]


class _Change(msgspec.Struct):
    timestamp: Annotated[int, Meta(ge=0, le=_LATEST)]
    issue: _Issue
    changelog: _Changelog | None = None
    user: _User | None = None


class _Outside(msgspec.Struct):
    event: str = msgspec.field(name="webhookEvent")


def is_signed(body: bytes, signature: str, secrets: Iterable[str]) -> bool:
    """Whether the signature (the header) is that of one of the secrets."""
    if not signature.startswith(_METHOD):
        return False
    given = signature.removeprefix(_METHOD).encode()
    right = [hmac.new(s.encode(), body, hashlib.sha256).hexdigest().encode() for s in secrets]
    return any(hmac.compare_digest(given, one) for one in right)


def moved_in(body: bytes) -> Moved | None:
    """The move of a person; None for what is none, `InvalidInput` for what Jira never sends."""
    try:
        if msgspec.json.decode(body, type=_Outside).event != _UPDATED:
            return None
        change = msgspec.json.decode(body, type=_Change)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise InvalidInput("This is nothing that Jira sends.") from error
    user, changelog = change.user, change.changelog
    if user is None or user.account_type != _PERSON or changelog is None:
        return None
    item = next((one for one in changelog.items if _is_status(one)), None)
    if item is None:
        return None
    creator = change.issue.fields.creator if change.issue.fields else None
    made_by = (creator.account_id, creator.key) if creator else ()
    return Moved(
        key=f"{change.issue.id}:{changelog.id}",
        at=datetime.fromtimestamp(change.timestamp / 1000, UTC),
        issue=str(change.issue.id),
        account=user.account_id or "",
        user_key=user.key or "",
        creators=frozenset(one for one in made_by if one),
        name=user.display_name,
        status=item.to_string or "",
        status_id=item.to or "",
    )


def _is_status(item: _Item) -> bool:
    """Whether it is the status of the issue, and no field of somebody's own with this name."""
    return item.field == "status" and item.fieldtype == "jira"
