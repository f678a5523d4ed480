"""What a channel that takes answers is to the plane, beside `base.Channel`.

Its service calls `/chatops/<kind>/<door>`. The channel knows whether the service really called,
what was said there, and how to tell people how it went; what follows from it is decided above.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Protocol
from uuid import UUID

from chatops.channels.base import Channel
from chatops.messages import Deed, Fact

# What a dialog may ask for; refusals name the field that they are about by the same names.
REASON = "reason"
START = "start_time"
DURATION = "duration"


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """An HTTP POST as it came to one of the type's doors. The names of headers have any case."""

    door: str
    headers: Mapping[str, str]
    query: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Click:
    """Somebody pressed a button whose deed needs a dialog first.

    `key` is the same if the service sends it again. `name` is what the service calls the account,
    `where` is the channel's own: whatever `ask` and `tell` need.
    """

    key: str
    account: str
    deed: Deed
    object_id: UUID
    name: str = ""
    where: Any = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """Somebody decided.

    `key`, of at most 128 characters, is the same if the service sends it again. `object_id` is
    the request, or the grant; a service that knows only its own id of what was posted says
    `posted` instead. What was left empty is an empty text, or no moment.
    """

    key: str
    account: str
    deed: Deed
    object_id: UUID | None = None
    posted: str = ""
    reason: str = ""
    duration: str = ""
    start_time: datetime | None = None
    name: str = ""
    where: Any = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What the service gets as the answer to its call: a status, and perhaps a JSON document."""

    status: int = 200
    document: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How it went, in a sentence for whoever did it.

    `link` is where he links his account, and `field` what of the dialog a refusal is about.
    """

    text: str
    is_done: bool = False
    link: str = ""
    field: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """What a dialog shows, and the `fields` that it asks for; all of them may be left empty."""

    deed: Deed
    object_id: UUID
    title: str
    facts: tuple[Fact, ...]
    fields: tuple[str, ...]


class TryLater(Exception):
    """The service did not say who did it. Nothing was kept: the same call may come again (503)."""


class Listening(Channel, Protocol):
    """A channel that takes answers.

    `doors` are the last parts of its addresses. `is_overheard`: others read what it tells
    somebody, so that a link to link an account is of use to the account's owner alone.
    `links_by_email`: an account acts as the user with the address that the service vouches for.
    """

    doors: ClassVar[frozenset[str]]
    is_overheard: ClassVar[bool]
    links_by_email: bool

    def has_signed(self, call: Call, *, at: datetime) -> bool:
        """Whether the service made this call, lately; nothing of it is believed before."""

    def read(self, call: Call, *, at: datetime) -> Click | Said | Reply | None:
        """What was said; a `Reply` if nobody has to be asked for it, None if it means nothing.

        Raises `InvalidInput` for what the service does not send.
        """

    def verified_email(self, account: str) -> str:
        """The address that the service vouches for; empty if there is none. `DeliveryFailed`."""

    def tell(self, to: Click | Said, outcome: Outcome) -> Reply:
        """Tell whoever did it how it went, him alone where that can be; `DeliveryFailed`."""


class Asking(Listening, Protocol):
    """One that opens dialogs: only such a one reads a `Click`."""

    def ask(self, click: Click, sheet: Sheet) -> Reply:
        """Open the dialog, in the reply or by a call of one's own; `DeliveryFailed`."""
