"""Mattermost, both ways: posts that go on, and who pressed their buttons."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Annotated, Any, ClassVar, TypeVar
from urllib.parse import quote, urlsplit
from uuid import UUID

from django.conf import settings as plane
from django.urls import reverse

from accessplane.lib.errors import InvalidInput
from accessplane.lib.secret_texts import check
from accessplane.lib.words import gettext_lazy as _
from chatops.channels import calls
from chatops.channels.base import DeliveryFailed
from chatops.channels.calls import Done, Refused
from chatops.channels.inbound import (
    DURATION,
    REASON,
    START,
    Call,
    Click,
    Outcome,
    Reply,
    Said,
    Sheet,
)
from chatops.channels.mattermost import looks, payloads
from chatops.channels.mattermost.api import Api, Post, Room, User
from chatops.channels.mattermost.payloads import Press, State, Submission
from chatops.channels.mattermost.signatures import SHORTEST_SECRET, Signer
from chatops.messages import Deed, Message
from chatops.specs import MOST_SECRETS, ChannelSpec, listed, told
from identity.specs import Spec, as_value_error

# Older servers wait three seconds for an answer, and a dialog opens no later than that.
AT_ONCE = timedelta(seconds=2.5)
# How long somebody may write in a dialog. Far less than notes of what was heard are kept.
OPEN = timedelta(minutes=30)
ACTIONS, DIALOGS = "actions", "dialogs"
TOO_OLD = _("This window has been open for too long. Close it and press the button again.")
NO_MOMENT = _("Write a moment in UTC, such as 2026-12-31 18:00, or leave this empty.")
LATE = _("The window did not open in time. Press the button again.")
_ID = re.compile(r"[a-z0-9]{26}")
_NAMED = re.compile(r"([a-z0-9_-]{2,64})/([a-z0-9_-]{1,64})")
_SHOWN = 64
_Wanted = TypeVar("_Wanted", User, Room)
_GONE = {
    "api.post.update_post.permissions_details.app_error",  # deleted
    "api.post.update_post.permissions_time_limit.app_error",
}


class MattermostSettings(Spec, frozen=True):
    """A bot of a server at `url`. `action_secret` signs the buttons: random, and known to us alone.

    `link_by_email`: whoever has a confirmed address on the server acts as the user with it.
    """

    token: Annotated[str, told("The access token of the bot.")]
    action_secret: Annotated[
        str | tuple[str, ...],
        told("What the plane signs its buttons with: at least 32 random characters."),
    ]
    url: Annotated[str, told("Where the server is, such as https://chat.example.com.")]
    link_by_email: Annotated[
        bool, told("An account acts as the user who has its confirmed address.")
    ] = False

    def __post_init__(self) -> None:
        secrets = listed(self.action_secret)
        if not 1 <= len(secrets) <= MOST_SECRETS:
            raise ValueError(f"There are 1 to {MOST_SECRETS} action secrets.")
        for secret in (self.token, *secrets):
            as_value_error(check, secret)
        if any(_is_short(secret) for secret in secrets if not secret.startswith("env:")):
            raise ValueError(f"An action secret has at least {SHORTEST_SECRET} characters.")
        calls.check_url(self.url)
        if urlsplit(self.url).query or urlsplit(self.url).fragment:
            raise ValueError("`url` is where the server is, such as https://chat.example.com.")


class MattermostSpec(ChannelSpec, frozen=True):
    """The `spec` of a channel of this type."""

    settings: MattermostSettings


@dataclass(frozen=True, slots=True)
class _Pressed:
    """Where a dialog can be opened, and when that was."""

    trigger_id: str
    at: datetime


class Mattermost:
    """A channel whose recipients are `team/channel`, ids of channels, and e-mail addresses."""

    kind: ClassVar[str] = "mattermost"
    spec: ClassVar[type[ChannelSpec]] = MattermostSpec
    secrets: ClassVar[frozenset[str]] = frozenset({"token", "action_secret"})
    has_recipients: ClassVar[bool] = True
    reaches_people: ClassVar[bool] = True
    follows: ClassVar[bool] = True
    pace: ClassVar[timedelta] = timedelta(milliseconds=500)
    doors: ClassVar[frozenset[str]] = frozenset({ACTIONS, DIALOGS})
    is_overheard: ClassVar[bool] = False

    def __init__(self, settings: Mapping[str, Any]) -> None:
        secrets = listed(settings["action_secret"])
        if any(map(_is_short, secrets)):
            raise DeliveryFailed(
                f"The action secret has fewer than {SHORTEST_SECRET} characters.",
                permanent=True,
            )
        self._api = Api(settings["url"], settings["token"])
        self._signer = Signer(settings["channel"], secrets)
        self.links_by_email: bool = settings["link_by_email"]

    # --- out ------------------------------------------------------------------------------------

    def post(self, message: Message, *, to: str, key: str, at: datetime) -> str:
        """Post the card; its channel and its id are how Mattermost finds it again.

        Mattermost gives the same post for the same key, for half a minute. To nobody, which a
        sample is for, only the token is tried.
        """
        if not to:
            return self._introduced()
        room = self._room(to)
        posted = self._create(room, key, props=self._card(message, room))
        return f"{room}:{posted}"

    def update(self, message: Message, *, to: str, posted: str, key: str, at: datetime) -> str:
        """Make the card show how things stand, and tell the news in its thread.

        A card that is gone, or may not be edited any more, is posted anew.
        """
        room, _, card = posted.partition(":")
        try:
            document = {"props": self._card(message, room)}
            self._api.call("PUT", f"/posts/{quote(card)}/patch", Done, document=document)
        except Refused as refusal:
            if refusal.status != HTTPStatus.NOT_FOUND and refusal.code not in _GONE:
                raise
            return self.post(message, to=to, key=key, at=at)
        self._create(room, key, root_id=card, message=looks.news(message))
        return posted

    # --- in -------------------------------------------------------------------------------------

    def has_signed(self, call: Call, *, at: datetime) -> bool:
        """Whether the call carries what we signed, for whom it says it is.

        It is no proof of who pressed a button; whom Mattermost opens the dialog for is.
        """
        try:
            return _read(call).is_signed_by(self._signer)
        except InvalidInput:
            return False

    def read(self, call: Call, *, at: datetime) -> Click | Said | Reply:
        """The press, or what was written in the dialog after it."""
        said = _read(call)
        if isinstance(said, Submission):
            return _sent(said, at=at)
        return Click(
            key=said.key,
            account=said.user_id,
            deed=said.context.deed,
            object_id=said.context.object_id,
            name=said.user_name,
            where=_Pressed(said.trigger_id, at),
        )

    def verified_email(self, account: str) -> str:
        """The address that the server confirmed; empty for guests, bots and closed accounts.

        Only a system administrator's token is told. Raises `DeliveryFailed`.
        """
        user = self._api.call("GET", f"/users/{quote(account)}", User, timeout=AT_ONCE)
        is_sure = user.id == account and user.email_verified and user.is_own_member
        return user.email if is_sure else ""

    def ask(self, click: Click, sheet: Sheet) -> Reply:
        """Open the dialog for whoever pressed; Mattermost checks the trigger, or `DeliveryFailed`."""
        opened = self._opened(click, deed=sheet.deed, object_id=sheet.object_id)
        self._open(click, looks.dialog(sheet, opened))
        return Reply(document={})

    def tell(self, to: Click | Said, outcome: Outcome) -> Reply:
        """Answer below the post, or in the dialog, which closes once it is done.

        A link goes by way of Mattermost to whose account it is, never to whoever called.
        """
        if isinstance(to, Said):
            return Reply(document={} if outcome.is_done else looks.complaint(outcome))
        if not outcome.link:
            return Reply(document=looks.whisper(outcome))
        try:
            self._open(to, looks.linking(outcome, self._opened(to)))
        except DeliveryFailed:
            return Reply(document=looks.whisper(Outcome(text=str(LATE))))
        return Reply(document={})

    # --- parts ----------------------------------------------------------------------------------

    def _card(self, message: Message, room: str) -> dict[str, Any]:
        def context_of(deed: Deed, object_id: UUID) -> dict[str, Any]:
            return payloads.button(room, deed, object_id, self._signer)

        return looks.card(message, context_of, _address(ACTIONS))

    def _create(self, room: str, key: str, **content: Any) -> str:
        # Signed, because others see it in the end and could post something under it before.
        pending = self._signer.sign("post", key, room)
        document = {"channel_id": room, "pending_post_id": pending, **content}
        return self._api.call("POST", "/posts", Post, document=document).id

    def _opened(
        self, click: Click, *, deed: Deed | None = None, object_id: UUID | None = None
    ) -> str:
        """The state of a dialog after this press, for this account alone."""
        opened_at = int(click.where.at.timestamp())
        opened = State(
            account=click.account,
            press=click.key,
            opened_at=opened_at,
            deed=deed,
            object_id=object_id,
        )
        return payloads.state(opened, self._signer)

    def _open(self, click: Click, dialog: Mapping[str, Any]) -> None:
        document = {
            "trigger_id": click.where.trigger_id,
            "url": _address(DIALOGS),
            "dialog": dialog,
        }
        path = "/actions/dialogs/open"
        self._api.call("POST", path, Done, document=document, timeout=AT_ONCE)

    def _room(self, to: str) -> str:
        """The id of a channel by its team and name, or of the conversation with a person."""
        if "@" in to:
            return self._conversation(to)
        if _ID.fullmatch(to):
            return to
        named = _NAMED.fullmatch(to)
        if named is None:
            raise DeliveryFailed(
                f"{to[:_SHOWN]!r} is no channel (team/channel, or an id) and no address.",
                permanent=True,
                of_recipient=True,
            )
        path = f"/teams/name/{named[1]}/channels/name/{named[2]}"
        missing = f"Mattermost shows the bot no channel {to[:_SHOWN]!r}."
        room = self._found(path, Room, missing)
        if room.delete_at:
            raise DeliveryFailed(
                f"The channel {to[:_SHOWN]!r} is archived.", permanent=True, of_recipient=True
            )
        return room.id

    def _conversation(self, email: str) -> str:
        missing = f"Nobody in Mattermost has the address {email[:_SHOWN]}."
        user = self._found(f"/users/email/{quote(email, safe='@')}", User, missing)
        if user.is_deactivated:
            raise DeliveryFailed(
                f"{email[:_SHOWN]} is deactivated there.", permanent=True, of_recipient=True
            )
        pair = [self._own().id, user.id]
        return self._api.call("POST", "/channels/direct", Room, document=pair).id

    def _found(self, path: str, into: type[_Wanted], missing: str) -> _Wanted:
        try:
            return self._api.call("GET", path, into)
        except Refused as refusal:
            if refusal.status != HTTPStatus.NOT_FOUND:
                raise
            raise DeliveryFailed(missing, permanent=True, of_recipient=True) from refusal

    def _own(self) -> User:
        return self._api.call("GET", "/users/me", User)

    def _introduced(self) -> str:
        own = self._own()
        said = f"The token is that of @{own.username}. Routes name whom to write to."
        if self.links_by_email and not own.is_administrator:
            said += (
                " It is no system administrator's: Mattermost does not tell it whose address is "
                "confirmed, so link_by_email links nobody."
            )
        return said


def _read(call: Call) -> Press | Submission:
    if call.door == DIALOGS:
        return payloads.submission_in(call.body)
    return payloads.press_in(call.body)


def _sent(said: Submission, *, at: datetime) -> Said | Reply:
    """What was written in a dialog; a reply if it says nothing, is too old, or cannot be read."""
    opened = said.opened
    if said.cancelled or opened.deed is None:
        return Reply(document={})
    age = at - datetime.fromtimestamp(opened.opened_at, UTC)
    if abs(age) > OPEN:
        return Reply(document=looks.complaint(Outcome(text=str(TOO_OLD))))
    typed = said.words(START).strip()
    start_time = payloads.moment_in(typed) if typed else None
    if typed and start_time is None:
        return Reply(document=looks.complaint(Outcome(text=str(NO_MOMENT), field=START)))
    return Said(
        key=said.key,
        account=said.user_id,
        deed=opened.deed,
        object_id=opened.object_id,
        reason=said.words(REASON),
        duration=said.words(DURATION),
        start_time=start_time,
    )


def _address(door: str) -> str:
    path = reverse("from-service", args=[Mattermost.kind, door])
    return f"{plane.ACCESSPLANE_PUBLIC_URL}{path}"


def _is_short(secret: str) -> bool:
    return len(secret) < SHORTEST_SECRET
