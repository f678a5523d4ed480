"""Slack, both ways: cards that go on, and who pressed their buttons."""

import logging
import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Annotated, Any, ClassVar
from urllib.parse import urlsplit

from msgspec import UNSET, UnsetType
from slack_sdk.signature import Clock, SignatureVerifier

from accessplane.lib.secret_texts import check
from chatops.channels import calls
from chatops.channels.base import DeliveryFailed
from chatops.channels.slack import api, blocks, history
from chatops.channels.slack.api import Api, SlackRefused
from chatops.messages import Message
from chatops.specs import ChannelSpec, told
from identity.specs import Spec, as_value_error

log = logging.getLogger(__name__)

API_URL = "https://slack.com/api/"
# Somebody waits, and what he pressed opens a window for three seconds only.
AT_ONCE = timedelta(seconds=2.5)
_GONE = {"message_not_found", "cant_update_message", "edit_window_closed"}
# A thread whose first message was taken away.
_NO_THREAD = {"thread_not_found", "message_not_found"}
# Names of channels have no capitals.
_CONVERSATION_ID = re.compile(r"[CDG][A-Z0-9]+")
_ACCOUNT_ID = re.compile(r"[UW][A-Z0-9]+")
_GUEST = (
    "deleted",
    "is_bot",
    "is_restricted",
    "is_ultra_restricted",
    "is_stranger",
    "is_workflow_bot",
)


class SlackSettings(Spec, frozen=True):
    """An app of a workspace. `app_token` is for Socket Mode.

    `link_by_email`: whoever has a confirmed address in the workspace acts as the user of it.
    """

    bot_token: Annotated[str, told("Of your app: OAuth & Permissions, begins with xoxb-.")]
    signing_secret: Annotated[str, told("Of your app: Basic Information.")]
    app_token: Annotated[str | UnsetType, told("For Socket Mode alone, begins with xapp-.")] = (
        UNSET
    )
    link_by_email: Annotated[
        bool, told("Whoever has a confirmed address in the workspace acts as the user of it.")
    ] = True
    api_url: Annotated[str, told("Where Slack is; rarely another address.")] = API_URL

    def __post_init__(self) -> None:
        for secret in (self.bot_token, self.signing_secret, self.app_token):
            if secret is not UNSET:
                as_value_error(check, secret)
        calls.check_url(self.api_url)


class SlackSpec(ChannelSpec, frozen=True):
    """The `spec` of a channel of this type."""

    settings: SlackSettings


class Slack:
    """A channel whose recipients are conversations (`#security`, an id) and e-mail addresses."""

    kind: ClassVar[str] = "slack"
    spec: ClassVar[type[ChannelSpec]] = SlackSpec
    secrets: ClassVar[frozenset[str]] = frozenset({"bot_token", "signing_secret", "app_token"})
    has_recipients: ClassVar[bool] = True
    reaches_people: ClassVar[bool] = True
    follows: ClassVar[bool] = True
    pace: ClassVar[timedelta] = timedelta(seconds=1)
    addresses: ClassVar[frozenset[str]] = frozenset({"interactions", "commands", "events"})

    def __init__(self, settings: Mapping[str, Any]) -> None:
        self._api_url: str = settings["api_url"]
        self._api = Api(self._api_url, settings["bot_token"])
        self._signing_secret: str = settings["signing_secret"]
        self._app_token: str = settings.get("app_token", "")
        self.links_by_email: bool = settings["link_by_email"]
        self._opened: dict[str, str] = {}

    # --- out ------------------------------------------------------------------------------------

    def post(self, message: Message, *, to: str, key: str, at: datetime) -> str:
        """Post the card; its conversation and its time are how Slack finds it again.

        Slack drops no second one; the key goes along as metadata, by which `find` finds it. To
        nobody, which a sample is for, only the token is tried.
        """
        if not to:
            return self._introduced()
        answer = self._api.call(
            "chat.postMessage",
            channel=self._conversation(to),
            text=blocks.fallback(message),
            blocks=blocks.card(message),
            metadata=history.marked(key, message.event["type"]),
            unfurl_links=False,
            unfurl_media=False,
        )
        return f"{answer['channel']}:{answer['ts']}"

    def update(self, message: Message, *, to: str, posted: str, key: str, at: datetime) -> str:
        """Make the card show how things stand, and tell the news in its thread.

        A card that somebody took away is posted anew.
        """
        conversation, _, card = posted.partition(":")
        try:
            self._api.call(
                "chat.update",
                channel=conversation,
                ts=card,
                text=blocks.fallback(message),
                blocks=blocks.card(message),
            )
        except SlackRefused as refusal:
            if refusal.error not in _GONE:
                raise
            return self.post(message, to=to, key=key, at=at)
        self._api.call(
            "chat.postMessage",
            channel=conversation,
            thread_ts=card,
            text=blocks.fallback(message),
            blocks=blocks.reply(message),
            metadata=history.marked(key, message.event["type"]),
            unfurl_links=False,
            unfurl_media=False,
        )
        return posted

    def find(self, *, to: str, posted: str, key: str, since: datetime) -> str:
        """Look for the card, or for the news in its thread, that a lost try may have left.

        An app that may not read there finds nothing; then a message may come twice. The next news
        brings up to date what is found.
        """
        try:
            return self._found(to, posted, key, since)
        except DeliveryFailed as failure:
            if not failure.permanent:
                raise
            log.warning(
                "A message may come twice: what was lost cannot be looked for. %s",
                failure.sentence,
            )
            return ""

    # --- in -------------------------------------------------------------------------------------

    def has_signed(self, body: bytes, *, timestamp: str, signature: str, at: datetime) -> bool:
        """Whether Slack signed this body, at most five minutes before or after `at`."""
        verifier = SignatureVerifier(self._signing_secret, _Standing(at))
        try:
            return verifier.is_valid(body, timestamp, signature)
        except (ValueError, TypeError):  # no number, no UTF-8, no ASCII
            return False

    def verified_email(self, account: str) -> str:
        """The address that the workspace vouches for; empty for guests, bots, and strangers.

        Raises `DeliveryFailed`.
        """
        user = self._api.call("users.info", timeout=AT_ONCE, user=account)["user"]
        if user.get("id") != account or any(user.get(mark) for mark in _GUEST):
            return ""
        if user.get("is_email_confirmed") is not True or not self._is_ours(user):
            return ""
        return str((user.get("profile") or {}).get("email") or "")

    def open_window(self, trigger_id: str, view: Mapping[str, Any]) -> None:
        """Show a window to whoever just pressed something; `DeliveryFailed` if it is too late."""
        self._api.call("views.open", timeout=AT_ONCE, trigger_id=trigger_id, view=view)

    def show_home(self, account: str, view: Mapping[str, Any]) -> None:
        """Show this on the Home tab of the account; `DeliveryFailed` if that fails."""
        self._api.call("views.publish", timeout=AT_ONCE, user_id=account, view=view)

    def whisper(self, response_url: str, document: Mapping[str, Any]) -> None:
        """Tell somebody alone, where he pressed something; `DeliveryFailed` if that fails."""
        api.respond(response_url, document, timeout=AT_ONCE)

    @property
    def has_socket(self) -> bool:
        """Whether Socket Mode is set up."""
        return bool(self._app_token)

    def socket_url(self) -> str:
        """Where the next connection of Socket Mode goes to; `DeliveryFailed` if there is none."""
        url = str(Api(self._api_url, self._app_token).call("apps.connections.open")["url"])
        if self._api_url.startswith("https:") and not is_secure_socket(url):
            raise DeliveryFailed("Slack named a socket that is not secure.", permanent=True)
        return url

    # --- parts ----------------------------------------------------------------------------------

    def _found(self, to: str, posted: str, key: str, since: datetime) -> str:
        place, _, card = posted.partition(":")
        if card and self._is_told(place, card, key, since):
            return posted
        place = place or self._id_of(to)
        method = "conversations.history"
        ts = place and history.find(self._api, method, key, since=since, channel=place)
        return f"{place}:{ts}" if ts else ""

    def _is_told(self, place: str, card: str, key: str, since: datetime) -> bool:
        """Whether the thread below the card has the news already."""
        method = "conversations.replies"
        try:
            found = history.find(self._api, method, key, since=since, channel=place, ts=card)
        except SlackRefused as refusal:
            if refusal.error not in _NO_THREAD:
                raise
            return False
        return bool(found)

    def _id_of(self, to: str) -> str:
        """The id of the conversation, which reading asks for; nothing if the app is not in it."""
        if "@" in to:
            return self._conversation(to)
        if _CONVERSATION_ID.fullmatch(to):
            return to
        if _ACCOUNT_ID.fullmatch(to):
            return self._direct(to)
        return history.id_of(self._api, to.removeprefix("#"))

    def _conversation(self, to: str) -> str:
        """The conversation with a person, by the e-mail address; anything else is one already."""
        if "@" not in to:
            return to
        if to not in self._opened:
            user = self._api.call("users.lookupByEmail", email=to)["user"]
            self._opened[to] = self._direct(user["id"])
        return self._opened[to]

    def _direct(self, account: str) -> str:
        opened = self._api.call("conversations.open", users=account)
        return str(opened["channel"]["id"])

    def _is_ours(self, user: Mapping[str, Any]) -> bool:
        """Whether the account belongs to the app's own workspace, or enterprise."""
        own = self._api.call("auth.test", timeout=AT_ONCE)
        enterprise = own.get("enterprise_id")
        theirs = (user.get("enterprise_user") or {}).get("enterprise_id")
        in_team = bool(own.get("team_id")) and user.get("team_id") == own["team_id"]
        return in_team or (bool(enterprise) and theirs == enterprise)

    def _introduced(self) -> str:
        own = self._api.call("auth.test")
        return f"The token is that of {own.get('user')} in {own.get('team')}. Routes name whom to write to."


def is_secure_socket(url: str) -> bool:
    """Whether the library would speak TLS there: it does on port 443, and on no other."""
    found = urlsplit(url)
    return found.scheme == "wss" and "@" not in found.netloc and found.port in {None, 443}


class _Standing(Clock):
    """The moment of the call, for a library that would look for itself."""

    def __init__(self, at: datetime) -> None:
        self._at = at

    def now(self) -> float:
        """In seconds."""
        return self._at.timestamp()
