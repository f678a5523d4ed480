"""PagerDuty, both ways: incidents that ask for a decision, and who acknowledged them."""

import re
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Annotated, Any, ClassVar, Literal
from urllib.parse import quote

import msgspec

from accessplane.lib.instants import spoken
from accessplane.lib.secret_texts import check
from accessplane.lib.words import gettext as _
from accessplane.lib.words import gettext_lazy
from chatops.channels import calls
from chatops.channels.base import DeliveryFailed
from chatops.channels.calls import TIMEOUT, Done, Refused
from chatops.channels.inbound import Call, Click, Outcome, Reply, Said
from chatops.channels.pagerduty import oncalls, payloads
from chatops.channels.pagerduty.api import (
    Api,
    Incidents,
    OneIncident,
    OnePerson,
    OneService,
    Services,
)
from chatops.messages import Deed, Message, Mood
from chatops.specs import MOST_SECRETS, ChannelSpec, listed, told
from identity.specs import Spec, as_value_error
from policy.engines.rota import Duty, Shift

API_URL = "https://api.pagerduty.com"
# PagerDuty tries for twenty minutes, and what waits behind a failure waits with it.
OLDEST = timedelta(hours=1)
AHEAD = timedelta(minutes=5)
# PagerDuty waits five seconds for an answer, and there may be two calls of ours within.
AT_ONCE = timedelta(seconds=2)
LINKING = gettext_lazy(
    "Its owner can link it within a quarter of an hour at %(link)s and then do this again."
)
_SERVICES_AT_ONCE = 100
_LONGEST_TITLE = 255
_LONGEST_TEXT = 5000
_LONGEST_NAME = 80
_ADDRESS = re.compile(r"[!-~]+@[!-~]+")


class PagerDutySettings(Spec, frozen=True):
    """An account of PagerDuty; `from` is the address of the user there who opens incidents.

    `approve_on`: what people do there that is a review here. `link_by_email`: whoever does it
    acts as the user with the address that PagerDuty knows.
    """

    api_key: Annotated[str, told("A REST API key that may write.")]
    sender: Annotated[str, told("The address of the user there who opens incidents.")] = (
        msgspec.field(name="from")
    )
    webhook_secret: Annotated[
        str | tuple[str, ...],
        told("Of the webhook subscription; without it nobody decides there."),
    ] = ()
    urgency: Literal["high", "low"] = "high"
    approve_on: Annotated[
        dict[str, Literal["approve", "deny"]],
        told("What counts as a review, such as acknowledged: approve."),
    ] = {}
    link_by_email: Annotated[
        bool,
        told("Whoever does it there acts as the user with the address that PagerDuty has."),
    ] = False
    api_url: Annotated[str, told("Another one for accounts in the EU.")] = API_URL

    def __post_init__(self) -> None:
        secrets = listed(self.webhook_secret)
        if len(secrets) > MOST_SECRETS:
            raise ValueError(f"There are at most {MOST_SECRETS} webhook secrets.")
        for secret in (self.api_key, *secrets):
            as_value_error(check, secret)
        if self.approve_on and not secrets:
            raise ValueError("With approve_on there is a webhook_secret.")
        if not _ADDRESS.fullmatch(self.sender):
            raise ValueError("`from` is the e-mail address of a user of PagerDuty.")
        calls.check_url(self.api_url)


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
    doors: ClassVar[frozenset[str]] = frozenset({"webhook"})
    is_overheard: ClassVar[bool] = True

    def __init__(self, settings: Mapping[str, Any]) -> None:
        self._api = Api(settings["api_url"], settings["api_key"], settings["from"])
        self._webhook_secrets = listed(settings["webhook_secret"])
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
        self._annotate(posted, message.news)
        return posted

    # --- in -------------------------------------------------------------------------------------

    def has_signed(self, call: Call, *, at: datetime) -> bool:
        """Whether the body of a webhook was signed with one of the channel's secrets."""
        signatures = call.headers.get("X-PagerDuty-Signature", "")
        return payloads.is_signed(call.body, signatures, self._webhook_secrets)

    def read(self, call: Call, *, at: datetime) -> Said | None:
        """The review that somebody's doing means here; what is old means nothing any more."""
        done = payloads.done_in(call.body)
        if done is None or not at - OLDEST <= done.at <= at + AHEAD:
            return None
        deed = self._deed_for(done.signs)
        if deed is None:
            return None
        how = "Acknowledged" if payloads.ACKNOWLEDGED in done.signs else "Decided"
        return Said(
            key=done.id,
            account=done.account,
            deed=deed,
            posted=done.incident,
            reason=f"{how} in PagerDuty",
            name=done.name,
        )

    def verified_email(self, account: str) -> str:
        """The address with which this account signs in to PagerDuty; `DeliveryFailed`."""
        path = f"/users/{quote(account, safe='')}"
        return self._api.call("GET", path, OnePerson, timeout=AT_ONCE).user.email

    def tell(self, to: Click | Said, outcome: Outcome) -> Reply:
        """Write below the incident that nothing changed, and why; else the news will tell."""
        if not outcome.is_done and isinstance(to, Said):
            link = str(LINKING % {"link": outcome.link}) if outcome.link else ""
            name = to.name[:_LONGEST_NAME] or _("somebody")
            text = " ".join(
                filter(
                    None,
                    [
                        _("Access Plane: what %(name)s did changes nothing.") % {"name": name},
                        outcome.text,
                        link,
                    ],
                )
            )
            self._annotate(to.posted, text, timeout=AT_ONCE)
        return Reply(status=HTTPStatus.ACCEPTED)

    # --- who is on call -------------------------------------------------------------------------

    def shift_of(
        self, email: str, duty: Duty, *, patience: timedelta, at: datetime
    ) -> Shift | None:
        """The shift of the user with this address, None if not on call; `DeliveryFailed`."""
        return oncalls.Desk(self._api, patience).shift_of(email, duty, at=at)

    # --------------------------------------------------------------------------------------------

    def _deed_for(self, signs: Iterable[str]) -> Deed | None:
        """What somebody who did this means; of both, that is no."""
        meant = {self._approve_on.get(sign) for sign in signs}
        if "deny" in meant:
            return Deed.DENY
        return Deed.APPROVE if "approve" in meant else None

    def _annotate(self, incident: str, text: str, *, timeout: timedelta = TIMEOUT) -> None:
        """Write a note below the incident; `DeliveryFailed` if that fails."""
        document = {"note": {"content": text[:_LONGEST_TEXT]}}
        path = f"/incidents/{quote(incident, safe='')}/notes"
        self._api.call("POST", path, Done, document=document, timeout=timeout)

    def _service(self, named: str) -> str:
        """The id of the service with this id or name."""
        if oncalls.ID.fullmatch(named):
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
        raise DeliveryFailed(
            f"PagerDuty has no service {named[:64]!r}.", permanent=True, of_recipient=True
        )

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
            lines.append(
                _("Whoever may review this approves it by acknowledging the incident.")
                if meant == "approve"
                else _("Whoever may review this denies it by acknowledging the incident.")
            )
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
