"""Discord, both ways: cards that go on, and who pressed their buttons."""

import hashlib
import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Annotated, Any, ClassVar

from accessplane.lib.secret_texts import check
from chatops.channels import calls
from chatops.channels.base import DeliveryFailed
from chatops.channels.calls import Refused
from chatops.channels.discord import embeds, payloads, signatures
from chatops.channels.discord.api import (
    UNKNOWN_MESSAGE,
    Account,
    Api,
    Conversation,
    Posted,
)
from chatops.channels.inbound import Call, Click, Outcome, Reply, Said, Sheet
from chatops.messages import Message
from chatops.specs import ChannelSpec, told
from identity.specs import Spec, as_value_error

API_URL = "https://discord.com/api/v10"
_NONCE_LENGTH = 25
_PERSON = "user:"
_SNOWFLAKE = re.compile(r"[0-9]{1,20}")
_PONG = Reply(document={"type": 1})


class DiscordSettings(Spec, frozen=True):
    """An application and its bot; `public_key` is what Discord signs with, in hexadecimal."""

    bot_token: Annotated[str, told("Of your application: Bot.")]
    public_key: Annotated[str, told("Of your application: General Information.")]
    api_url: Annotated[str, told("Rarely another address.")] = API_URL

    def __post_init__(self) -> None:
        as_value_error(check, self.bot_token)
        signatures.key_in(self.public_key)
        calls.check_url(self.api_url)


class DiscordSpec(ChannelSpec, frozen=True):
    """The `spec` of a channel of this type."""

    settings: DiscordSettings


class Discord:
    """A channel whose recipients are channels by id, and people as `user:` and their id.

    Discord finds nobody by an e-mail address and tells none, so that people have to be named, and
    to link their accounts themselves.
    """

    kind: ClassVar[str] = "discord"
    spec: ClassVar[type[ChannelSpec]] = DiscordSpec
    secrets: ClassVar[frozenset[str]] = frozenset({"bot_token"})
    has_recipients: ClassVar[bool] = True
    reaches_people: ClassVar[bool] = False
    follows: ClassVar[bool] = True
    pace: ClassVar[timedelta] = timedelta(seconds=1)
    doors: ClassVar[frozenset[str]] = frozenset({"interactions"})
    is_overheard: ClassVar[bool] = False
    links_by_email: bool = False

    def __init__(self, settings: Mapping[str, Any]) -> None:
        self._api = Api(settings["api_url"], settings["bot_token"])
        self._public_key: str = settings["public_key"]

    # --- out ------------------------------------------------------------------------------------

    def post(self, message: Message, *, to: str, key: str, at: datetime) -> str:
        """Post the card; its channel and its id are how Discord finds it again.

        Discord drops a second one of the same key for some minutes. To nobody, which a sample is
        for, only the token is tried.
        """
        if not to:
            own = self._api.call("GET", "/users/@me", Account)
            return f"The token is that of {own.username}. Routes name whom to write to."
        posted = self._send(self._conversation(to), embeds.card(message), f"card:{to}:{key}")
        return f"{posted.channel_id}:{posted.id}"

    def update(self, message: Message, *, to: str, posted: str, key: str, at: datetime) -> str:
        """Make the card show how things stand, and reply to it with the news.

        A card that somebody took away is posted anew.
        """
        channel, _, card = posted.partition(":")
        path = f"/channels/{channel}/messages/{card}"
        try:
            self._api.call("PATCH", path, Posted, document=embeds.card(message))
        except Refused as refusal:
            if refusal.code != UNKNOWN_MESSAGE:
                raise
            return self.post(message, to=to, key=key, at=at)
        self._send(channel, embeds.reply(message, card), f"news:{to}:{key}")
        return posted

    # --- in -------------------------------------------------------------------------------------

    def has_signed(self, call: Call, *, at: datetime) -> bool:
        """Whether Discord signed this call, at most five minutes before or after `at`."""
        return signatures.is_signed(
            call.body,
            timestamp=call.headers.get("X-Signature-Timestamp", ""),
            signature=call.headers.get("X-Signature-Ed25519", ""),
            public_key=self._public_key,
            at=at,
        )

    def read(self, call: Call, *, at: datetime) -> Click | Said | Reply | None:
        """What was pressed or sent; a pong if Discord tries the address."""
        try:
            heard = payloads.heard(call.body, at=at)
        except payloads.UnclearStart as refusal:
            return Reply(document=embeds.whisper(Outcome(text=refusal.detail)))
        return _PONG if isinstance(heard, payloads.Ping) else heard

    def verified_email(self, account: str) -> str:
        """None: Discord tells a bot nobody's address."""
        return ""

    def ask(self, click: Click, sheet: Sheet) -> Reply:
        """Open the dialog, in the answer to the click."""
        return Reply(document=embeds.dialog(sheet))

    def tell(self, to: Click | Said, outcome: Outcome) -> Reply:
        """Say how it went, in the answer, to whoever did it alone."""
        return Reply(document=embeds.whisper(outcome))

    # --- parts ----------------------------------------------------------------------------------

    def _conversation(self, to: str) -> str:
        """The channel of this id, or the conversation with the person of this id."""
        named = to.removeprefix(_PERSON)
        if not _SNOWFLAKE.fullmatch(named):
            sentence = f"{to[:64]!r} is no id of a channel in Discord; an id is a number."
            raise DeliveryFailed(sentence, permanent=True, of_recipient=True)
        if named == to:
            return to
        with_whom = {"recipient_id": named}
        return self._api.call(
            "POST", "/users/@me/channels", Conversation, document=with_whom
        ).id

    def _send(self, channel: str, document: Mapping[str, Any], key: str) -> Posted:
        nonce = hashlib.sha256(key.encode()).hexdigest()[:_NONCE_LENGTH]
        known = {"nonce": nonce, "enforce_nonce": True}
        path = f"/channels/{channel}/messages"
        return self._api.call("POST", path, Posted, document={**document, **known})
