"""Microsoft Teams: cards through a bot that takes answers, or one way through a webhook."""

import json
import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Annotated, Any, ClassVar
from urllib.parse import quote, urlsplit
from uuid import UUID

from msgspec import UNSET, UnsetType

from accessplane.lib.secret_texts import check
from chatops.channels import calls
from chatops.channels.base import DeliveryFailed
from chatops.channels.calls import Done, Refused
from chatops.channels.inbound import Call, Click, Outcome, Reply, Said
from chatops.channels.teams import api, cards, payloads, tokens
from chatops.channels.teams.api import Api, App, People, Person, Resource
from chatops.messages import Message
from chatops.specs import ChannelSpec, told
from identity.specs import Spec, as_value_error

SERVICE_URL = "https://smba.trafficmanager.net/teams"
LOGIN_URL = "https://login.microsoftonline.com"
OPENID_URL = "https://login.botframework.com/v1/.well-known/openidconfiguration"
GRAPH_URL = "https://graph.microsoft.com"
_BOT_SCOPE = "https://api.botframework.com/.default"
_FLOW_TIMEOUT = timedelta(seconds=10)
# The ids that Teams gives to conversations, and among them those of the channels of teams.
_CONVERSATION = re.compile(r"(19|a):\S+")
_CHANNEL = re.compile(r"19:[^;\s]+@thread\.(tacv2|skype)")


class TeamsSettings(Spec, frozen=True):
    """The URL of a flow of Power Automate, or an app of an organisation that is a bot in Teams.

    `tell_people`: people are told by themselves in personal chats. `link_by_email`: an account
    acts as the user who has its address in the organisation's directory.
    """

    webhook_url: Annotated[
        str | UnsetType,
        told("The URL of a flow of Power Automate: one way, and nothing else is needed."),
    ] = UNSET
    app_id: UUID | UnsetType = UNSET
    app_secret: Annotated[str | UnsetType, told("A client secret of the bot's app.")] = UNSET
    tenant_id: UUID | UnsetType = UNSET
    tell_people: Annotated[
        bool,
        told("People are told in chats with the bot. Needs User.Read.All of Microsoft Graph."),
    ] = False
    link_by_email: Annotated[
        bool,
        told(
            "An account acts as the user who has its address in the directory. Needs the same."
        ),
    ] = False
    service_url: Annotated[str, told("Where the Bot Connector is.")] = SERVICE_URL
    login_url: Annotated[str, told("Where Microsoft Entra is.")] = LOGIN_URL
    openid_url: Annotated[str, told("Where the keys of the Bot Connector are named.")] = (
        OPENID_URL
    )
    graph_url: Annotated[str, told("Where Microsoft Graph is.")] = GRAPH_URL

    def __post_init__(self) -> None:
        bot = [
            one for one in (self.app_id, self.app_secret, self.tenant_id) if one is not UNSET
        ]
        if len(bot) != (3 if self.webhook_url is UNSET else 0):
            raise ValueError("There is a webhook_url, or app_id, app_secret and tenant_id.")
        if not bot and (self.tell_people or self.link_by_email):
            raise ValueError("With a webhook_url there is no tell_people and no link_by_email.")
        for secret in (self.webhook_url, self.app_secret):
            if secret is not UNSET:
                as_value_error(check, secret)
        for url in (self.service_url, self.login_url, self.openid_url, self.graph_url):
            calls.check_url(url)
        if self.webhook_url is not UNSET and not self.webhook_url.startswith("env:"):
            calls.check_url(self.webhook_url)


class TeamsSpec(ChannelSpec, frozen=True):
    """The `spec` of a channel of this type."""

    settings: TeamsSettings


class Teams:
    """A channel whose recipients are conversations, by id, and e-mail addresses of people.

    With a `webhook_url` there are none: the URL is where its cards go, and nobody answers.
    """

    kind: ClassVar[str] = "teams"
    spec: ClassVar[type[ChannelSpec]] = TeamsSpec
    secrets: ClassVar[frozenset[str]] = frozenset({"webhook_url", "app_secret"})
    has_recipients: ClassVar[bool] = True
    reaches_people: ClassVar[bool] = True
    follows: ClassVar[bool] = True
    pace: ClassVar[timedelta] = timedelta(seconds=1)
    doors: ClassVar[frozenset[str]] = frozenset({"messages"})
    is_overheard: ClassVar[bool] = False

    def __init__(self, settings: Mapping[str, Any]) -> None:
        self._webhook_url: str = settings.get("webhook_url", "")
        self._app_id: str = settings.get("app_id", "")
        self._tenant: str = settings.get("tenant_id", "")
        self._service_url: str = settings["service_url"]
        self._openid_url: str = settings["openid_url"]
        self.links_by_email: bool = settings["link_by_email"]
        graph_url: str = settings["graph_url"].rstrip("/")
        app = App(
            settings["login_url"],
            tenant=self._tenant,
            app_id=self._app_id,
            secret=settings.get("app_secret", ""),
        )
        self._bot = Api("Teams", self._service_url, app, _BOT_SCOPE)
        scope = f"{_origin(graph_url)}/.default"
        self._graph = Api("Microsoft Graph", f"{graph_url}/v1.0", app, scope)

    # --- out ------------------------------------------------------------------------------------

    def post(self, message: Message, *, to: str, key: str, at: datetime) -> str:
        """Post the card; its conversation and its activity are how Teams finds it again.

        Teams knows no keys, and drops no second one. To nobody, which a sample is for, only the
        app's secret is tried.
        """
        if self._webhook_url:
            return self._through_webhook(message)
        if not to:
            return self._introduced(message)
        activity = self._activity(message, cards.card(message, takes_answers=True))
        if _CHANNEL.fullmatch(to):
            return self._opened(to, activity)
        conversation = self._conversation(to)
        return _posted(conversation, self._sent(conversation, activity))

    def update(self, message: Message, *, to: str, posted: str, key: str, at: datetime) -> str:
        """Make the card show how things stand, and tell the news below it.

        A card that somebody took away is posted anew, and a webhook has no other way.
        """
        conversation, _, card = posted.rpartition("|")
        if self._webhook_url or not conversation:
            return self.post(message, to=to, key=key, at=at)
        activity = self._activity(message, cards.card(message, takes_answers=True))
        path = f"{_path(conversation)}/{quote(card, safe='')}"
        try:
            self._bot.call("PUT", path, Done, document=activity | {"id": card})
        except Refused as refusal:
            if not _is_gone(refusal):
                raise
            return self.post(message, to=to, key=key, at=at)
        self._sent(conversation, self._activity(message, cards.news(message)))
        return posted

    # --- in -------------------------------------------------------------------------------------

    def has_signed(self, call: Call, *, at: datetime) -> bool:
        """Whether the Bot Connector sent this activity to the app, from the organisation.

        Its token does not sign the activity: that is as true as the connection is private.
        """
        origin = payloads.origin_of(call.body)
        if self._webhook_url or origin is None:
            return False
        is_ours = (
            origin.channel_id == payloads.CHANNEL
            and origin.tenant.lower() == self._tenant
            and _origin(origin.service_url) == _origin(self._service_url)
        )
        return is_ours and tokens.is_genuine(
            call.headers.get("Authorization", ""),
            app_id=self._app_id,
            channel=origin.channel_id,
            service_url=origin.service_url,
            openid_url=self._openid_url,
            at=at,
        )

    def read(self, call: Call, *, at: datetime) -> Said | Reply | None:
        """What somebody decided with a button of a card; nothing else means anything."""
        return payloads.said_in(call.body)

    def verified_email(self, account: str) -> str:
        """The address that the organisation gave to its own member; empty for guests.

        Raises `DeliveryFailed`.
        """
        query = {"$select": "id,mail,userPrincipalName,userType,accountEnabled"}
        path = f"/users/{quote(account, safe='')}"
        person = self._graph.call("GET", path, Person, query=query, timeout=api.AT_ONCE)
        is_ours = person.account_enabled is True and person.user_type == "Member"
        if person.id.lower() != account.lower() or not is_ours:
            return ""
        return person.mail or person.user_principal_name or ""

    def tell(self, to: Click | Said, outcome: Outcome) -> Reply:
        """Tell whoever did it, in the answer to his click."""
        if outcome.link and to.object_id:
            return payloads.card(
                cards.linking(outcome.text, outcome.link, to.deed, to.object_id)
            )
        return payloads.message(outcome.text)

    # --- parts ----------------------------------------------------------------------------------

    def _through_webhook(self, message: Message) -> str:
        """Post the card to the flow of Power Automate, as the message that its trigger reads."""
        attachments = cards.attached(cards.card(message, takes_answers=False))
        document = {"type": "message", "attachments": attachments}
        answer = api.sent(
            "POST",
            self._webhook_url,
            headers={"content-type": "application/json; charset=utf-8"},
            body=json.dumps(document, ensure_ascii=False).encode(),
            timeout=_FLOW_TIMEOUT,
        )
        if not answer.is_success:
            raise api.refusal("Power Automate", answer)
        return f"Power Automate answered {answer.status}."

    def _introduced(self, message: Message) -> str:
        if not message.is_sample:
            raise DeliveryFailed("The route names nobody to write to in Teams.", permanent=True)
        self._bot.check()
        return "Microsoft Entra takes the app's secret. Routes name whom to write to."

    def _activity(self, message: Message, card: cards.Element) -> dict[str, Any]:
        return {
            "type": "message",
            "summary": cards.summary(message),
            "attachments": cards.attached(card),
        }

    def _sent(self, conversation: str, activity: Mapping[str, Any]) -> str:
        """The id of the activity that was sent into the conversation."""
        return self._bot.call("POST", _path(conversation), Resource, document=activity).id

    def _opened(self, channel: str, activity: Mapping[str, Any]) -> str:
        """Begin a thread in the channel of a team, so that the news can follow in it."""
        begun = self._created(
            isGroup=True, activity=activity, channelData={"channel": {"id": channel}}
        )
        return _posted(begun.id, begun.activity_id or begun.id.rpartition("messageid=")[2])

    def _conversation(self, to: str) -> str:
        """The conversation with a person, by the e-mail address, or the one with this id."""
        if _CONVERSATION.fullmatch(to):
            return to
        if "@" not in to:
            said = f"{to[:64]!r} is neither the id of a conversation nor an e-mail address."
            raise DeliveryFailed(said, permanent=True, of_recipient=True)
        return self._created(isGroup=False, members=[{"id": self._person(to)}]).id

    def _created(self, **what: Any) -> Resource:
        document = {"bot": {"id": f"28:{self._app_id}"}, "tenantId": self._tenant, **what}
        return self._bot.call("POST", "/v3/conversations", Resource, document=document)

    def _person(self, email: str) -> str:
        """The id of the person with this address in the organisation's directory."""
        text = email.replace("'", "''")
        query = {
            "$filter": f"mail eq '{text}' or userPrincipalName eq '{text}'",
            "$select": "id",
            "$top": "2",
        }
        found = self._graph.call("GET", "/users", People, query=query).value
        if len(found) != 1:
            who = "Several people have" if found else "Nobody has"
            raise DeliveryFailed(
                f"{who} this e-mail address in the organisation's directory.",
                permanent=True,
                of_recipient=True,
            )
        return found[0].id


def _is_gone(refusal: Refused) -> bool:
    """Whether there is no such card; of one that was deleted Teams may say nothing better than 403."""
    is_unsaid = (refusal.status, refusal.code) == (HTTPStatus.FORBIDDEN, "ServiceError")
    return refusal.status == HTTPStatus.NOT_FOUND or is_unsaid


def _origin(url: str) -> str:
    """Scheme and host of a URL, in lower case; empty if it is none."""
    try:
        found = urlsplit(url)
        port = found.port
    except ValueError:
        return ""
    where = f"{found.hostname}:{port}" if port else f"{found.hostname}"
    return f"{found.scheme}://{where}" if found.hostname and "@" not in found.netloc else ""


def _path(conversation: str) -> str:
    return f"/v3/conversations/{quote(conversation, safe='')}/activities"


def _posted(conversation: str, activity: str) -> str:
    return f"{conversation}|{activity}"
