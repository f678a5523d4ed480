"""PagerDuty, both ways: incidents that ask for a decision, and who acknowledged them."""

import re
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any, ClassVar, Literal
from urllib.parse import quote

import msgspec

from accessplane.lib import outbound
from accessplane.lib.instants import spoken
from accessplane.lib.secret_texts import check
from chatops.channels.base import DeliveryFailed
from chatops.channels.pagerduty import payloads
from chatops.channels.pagerduty.api import (
    TIMEOUT,
    Api,
    Done,
    Incidents,
    OneIncident,
    OnePerson,
    OneService,
    Refused,
    Services,
)
from chatops.messages import Deed, Message, Mood
from chatops.specs import ChannelSpec
from identity.specs import Spec, as_value_error

API_URL = "https://api.pagerduty.com"
MOST_SECRETS = 2  # the one in use and the one that replaces it
_SERVICES_AT_ONCE = 100
_LONGEST_TITLE = 255
_LONGEST_TEXT = 5000
_ID = re.compile(r"[A-Z0-9]{6,20}")
_ADDRESS = re.compile(r"[!-~]+@[!-~]+")


class PagerDutySettings(Spec, frozen=True):
    """An account of PagerDuty; `from` is the address of the user there who opens incidents.

    `approve_on`: what people do there that is a review here. `link_by_email`: whoever does it
    acts as the user with the address that PagerDuty knows.
    """

    api_key: str
    sender: str = msgspec.field(name="from")
    webhook_secret: str | tuple[str, ...] = ()
    urgency: Literal["high", "low"] = "high"
    approve_on: dict[str, Literal["approve", "deny"]] = {}
    link_by_email: bool = False
    api_url: str = API_URL

    def __post_init__(self) -> None:
        secrets = _listed(self.webhook_secret)
        if len(secrets) > MOST_SECRETS:
            raise ValueError(f"There are at most {MOST_SECRETS} webhook secrets.")
        for secret in (self.api_key, *secrets):
            as_value_error(check, secret)
        if self.approve_on and not secrets:
            raise ValueError("With approve_on there is a webhook_secret.")
        if not _ADDRESS.fullmatch(self.sender):
            raise ValueError("`from` is the e-mail address of a user of PagerDuty.")
        try:
            outbound.check_url(self.api_url)
        except outbound.OutboundFailed as refusal:
            raise ValueError(refusal.sentence) from refusal


class PagerDutySpec(ChannelSpec, frozen=True):
    """The `spec` of a channel of this type."""

    settings: PagerDutySettings


class PagerDuty:
    """A channel whose recipients are services, by id or name: each gets an incident."""

    kind: ClassVar[str] = "pagerduty"
    spec: ClassVar[type[ChannelSpec]] = PagerDutySpec
    secrets: ClassVar[frozenset[str]] = frozenset({"api_key", "webhook_secret"})
    has_recipients: ClassVar[bool] = True
    reaches_people: ClassVar[bool] = False
    follows: ClassVar[bool] = True
    pace: ClassVar[timedelta] = timedelta(milliseconds=250)

    def __init__(self, settings: Mapping[str, Any]) -> None:
        self._api = Api(settings["api_url"], settings["api_key"], settings["from"])
        self._webhook_secrets = _listed(settings["webhook_secret"])
        self._urgency: str = settings["urgency"]
        self._approve_on: Mapping[str, str] = settings["approve_on"]
        self.links_by_email: bool = settings["link_by_email"]

    # --- out ------------------------------------------------------------------------------------

    def post(self, message: Message, *, to: str, key: str, at: datetime) -> str:
        """Open an incident, one for each conversation; nobody is paged for what is settled.

        To nobody, which a sample is for, only the key is tried.
        """
        if not to:
            self._api.call("GET", "/services", Services, query={"limit": 1})
            return "PagerDuty takes the API key."
        service = self._service(to)
        if _is_settled(message):  # somebody may have been paged by a try that was cut off
            found = self._open_incident(service, message)
            posted = found and self.update(message, to=to, posted=found, key=key, at=at)
            return posted or ""
        try:
            document = {"incident": self._incident(service, message)}
            return self._api.call(
                "POST", "/incidents", OneIncident, document=document
            ).incident.id
        except Refused as refusal:
            if refusal.status != HTTPStatus.BAD_REQUEST:
                raise
            found = self._open_incident(service, message)
            if not found:
                raise
            return found

    def update(self, message: Message, *, to: str, posted: str, key: str, at: datetime) -> str:
        """Write the news below the incident, which is resolved once the request is settled."""
        if _is_settled(message):
            self._resolve(posted)
        self.annotate(posted, message.news)
        return posted

    def annotate(self, incident: str, text: str, *, timeout: timedelta = TIMEOUT) -> None:
        """Write a note below the incident; `DeliveryFailed` if that fails."""
        document = {"note": {"content": text[:_LONGEST_TEXT]}}
        path = f"/incidents/{quote(incident, safe='')}/notes"
        self._api.call("POST", path, Done, document=document, timeout=timeout)

    # --- in -------------------------------------------------------------------------------------

    def has_signed(self, body: bytes, signatures: str) -> bool:
        """Whether the body of a webhook was signed with one of the channel's secrets."""
        return payloads.is_signed(body, signatures, self._webhook_secrets)

    def deed_for(self, signs: Iterable[str]) -> Deed | None:
        """What somebody who did this means; of both, that is no."""
        meant = {self._approve_on.get(sign) for sign in signs}
        if "deny" in meant:
            return Deed.DENY
        return Deed.APPROVE if "approve" in meant else None

    def email_of(self, account: str, *, timeout: timedelta) -> str:
        """The address with which this account signs in to PagerDuty; `DeliveryFailed`."""
        path = f"/users/{quote(account, safe='')}"
        return self._api.call("GET", path, OnePerson, timeout=timeout).user.email

    # --------------------------------------------------------------------------------------------

    def _service(self, named: str) -> str:
        """The id of the service with this id or name."""
        if _ID.fullmatch(named):
            try:
                return self._api.call("GET", f"/services/{named}", OneService).service.id
            except Refused as refusal:
                if refusal.status != HTTPStatus.NOT_FOUND:
                    raise
        query = {"query": named, "limit": _SERVICES_AT_ONCE}
        found = self._api.call("GET", "/services", Services, query=query).services
        for service in found:
            if service.name.casefold() == named.casefold():
                return service.id
        raise DeliveryFailed(f"PagerDuty has no service {named[:64]!r}.", permanent=True)

    def _incident(self, service: str, message: Message) -> dict[str, Any]:
        return {
            "type": "incident",
            "title": message.title[:_LONGEST_TITLE],
            "service": {"id": service, "type": "service_reference"},
            "urgency": self._urgency,
            "incident_key": _key(message),
            "body": {"type": "incident_body", "details": self._details(message)},
        }

    def _details(self, message: Message) -> str:
        facts = (
            f"{fact.label}: {spoken(v) if isinstance(v := fact.value, datetime) else v}"
            for fact in message.facts
        )
        lines = [message.news, *facts, message.link]
        meant = self._approve_on.get(payloads.ACKNOWLEDGED)
        if meant and message.deeds:
            verb = "approves" if meant == "approve" else "denies"
            lines.append(f"Whoever may review this {verb} it by acknowledging the incident.")
        return "\n".join(line for line in lines if line)[:_LONGEST_TEXT]

    def _open_incident(self, service: str, message: Message) -> str:
        """The id of the conversation's incident that is not resolved; or nothing."""
        query = {
            "incident_key": _key(message),
            "service_ids[]": service,
            "statuses[]": ["triggered", "acknowledged"],
        }
        found = self._api.call("GET", "/incidents", Incidents, query=query).incidents
        return next((incident.id for incident in found), "")

    def _resolve(self, incident: str) -> None:
        path = f"/incidents/{quote(incident, safe='')}"
        document = {"incident": {"type": "incident", "status": "resolved"}}
        try:
            self._api.call("PUT", path, OneIncident, document=document)
        except Refused as refusal:
            if refusal.status != HTTPStatus.BAD_REQUEST:
                raise
            if self._api.call("GET", path, OneIncident).incident.status != "resolved":
                raise


def _is_settled(message: Message) -> bool:
    """Whether the news is of a request that waits for nobody any more."""
    is_of_request = message.event["about"]["kind"] == "access_request"
    return is_of_request and message.mood is not Mood.WAITING


def _key(message: Message) -> str:
    """What PagerDuty knows a second try by: it opens no two incidents of one key at a service."""
    return f"access-plane:{message.conversation}"


def _listed(secret: str | Iterable[str]) -> tuple[str, ...]:
    return (secret,) if isinstance(secret, str) else tuple(secret)
