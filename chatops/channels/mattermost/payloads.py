"""Pure: what Mattermost sends when somebody presses a button or sends a dialog.

The payloads hold more; this is what is looked at. `InvalidInput` is what is none of them.
"""

import hashlib
from datetime import UTC, datetime
from typing import Annotated, Any, TypeVar
from uuid import UUID

import msgspec
from msgspec import Meta

from accessplane.lib.errors import InvalidInput
from chatops.channels.inbound import DURATION, REASON, START
from chatops.channels.mattermost.signatures import Signer, owner_of
from chatops.messages import Deed

_BUTTON, _DIALOG = "button", "dialog"
_DATE_ALONE = len("2026-12-31")

Id = Annotated[str, Meta(pattern=r"\A[a-z0-9]{26}\Z")]
_Signature = Annotated[str, Meta(max_length=64)]


class Unreadable(InvalidInput):
    """Not what Mattermost's reference describes."""


class Button(msgspec.Struct, frozen=True, kw_only=True):
    """The context of a button: what it is for, and the room in which it was posted."""

    room: Id
    deed: Deed
    object_id: UUID
    signature: _Signature = ""

    @property
    def said(self) -> tuple[str, ...]:
        """What is signed of it."""
        return (self.room, self.deed, str(self.object_id))


class Press(msgspec.Struct, frozen=True):
    """Somebody pressed a button; `trigger_id` opens a dialog for him, at once or never."""

    user_id: Id
    channel_id: Id
    trigger_id: Annotated[str, Meta(min_length=1, max_length=1024)]
    context: Button
    user_name: str = ""

    @property
    def key(self) -> str:
        """The same if the same is sent again."""
        return f"press:{_digest(self.trigger_id)}"

    def is_signed_by(self, signer: Signer) -> bool:
        """Whether the button is ours, was pressed where we put it, and by whom it says."""
        context = self.context
        is_ours = signer.has_signed(context.signature, _BUTTON, *context.said)
        return (
            is_ours
            and self.channel_id == context.room
            and owner_of(self.trigger_id) == self.user_id
        )


class State(msgspec.Struct, frozen=True, kw_only=True):
    """What a dialog was opened for: whose it is, since when, and after which press.

    One without a deed asks nothing.
    """

    account: Id
    press: str
    opened_at: int
    deed: Deed | None = None
    object_id: UUID | None = None
    signature: _Signature = ""

    @property
    def said(self) -> tuple[str, ...]:
        """What is signed of it."""
        return (
            self.account,
            self.press,
            str(self.opened_at),
            self.deed or "",
            str(self.object_id or ""),
        )


class Submission(msgspec.Struct, frozen=True):
    """Somebody sent a dialog; `submission` is what stands in its fields."""

    user_id: Id
    state: Annotated[str, Meta(max_length=2000)]
    submission: dict[str, Any] | None = None
    cancelled: bool = False

    @property
    def key(self) -> str:
        """The same if the same is sent again; another text in the same window is said anew."""
        words = [self.words(name) for name in (REASON, DURATION, START)]
        return f"sent:{_digest(msgspec.json.encode([self.state, *words]).decode())}"

    @property
    def opened(self) -> State:
        """What the dialog was opened for."""
        return _decoded(self.state.encode(), State)

    def words(self, name: str) -> str:
        """What stands in this field; nothing if it was left empty."""
        found = (self.submission or {}).get(name)
        if found is not None and not isinstance(found, str):
            raise Unreadable("This is no dialog of ours.")
        return found or ""

    def is_signed_by(self, signer: Signer) -> bool:
        """Whether we opened the dialog, and for whoever sends it."""
        opened = self.opened
        is_ours = signer.has_signed(opened.signature, _DIALOG, *opened.said)
        return is_ours and opened.account == self.user_id


def button(room: str, deed: Deed, object_id: UUID, signer: Signer) -> dict[str, Any]:
    """The context of a button that is posted in this room."""
    made = Button(room=room, deed=deed, object_id=object_id)
    signature = signer.sign(_BUTTON, *made.said)
    found: dict[str, Any] = msgspec.to_builtins(
        msgspec.structs.replace(made, signature=signature)
    )
    return found


def state(opened: State, signer: Signer) -> str:
    """The state of a dialog, signed."""
    signature = signer.sign(_DIALOG, *opened.said)
    return msgspec.json.encode(msgspec.structs.replace(opened, signature=signature)).decode()


def press_in(body: bytes) -> Press:
    """The press; `InvalidInput` if it is none."""
    return _decoded(body, Press)


def submission_in(body: bytes) -> Submission:
    """The dialog that was sent; `InvalidInput` if it is none."""
    return _decoded(body, Submission)


def moment_in(text: str) -> datetime | None:
    """The moment that somebody typed, in UTC unless a zone is said; None if it is none."""
    text = text.strip().upper().removesuffix("UTC").strip()
    try:
        moment = datetime.fromisoformat(text)
        zoned = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return zoned.astimezone(UTC) if len(text) > _DATE_ALONE else None
    except (ValueError, OverflowError):
        return None


_Wanted = TypeVar("_Wanted", bound=msgspec.Struct)


def _decoded(body: bytes, into: type[_Wanted]) -> _Wanted:
    try:
        return msgspec.json.decode(body, type=into)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise Unreadable("This is nothing that Mattermost sends.") from error


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
