"""Jira, both ways: an issue for each request, and who moved it where."""

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, ClassVar
from urllib.parse import quote

from accessplane.lib.instants import spoken
from accessplane.lib.words import gettext as _
from accessplane.lib.words import gettext_lazy
from chatops.channels.base import DeliveryFailed
from chatops.channels.calls import TIMEOUT, Done, Refused
from chatops.channels.inbound import Call, Click, Outcome, Reply, Said
from chatops.channels.jira import documents, payloads
from chatops.channels.jira.api import (
    Api,
    Found,
    Issue,
    Made,
    Person,
    Project,
    Transition,
)
from chatops.channels.jira.documents import Line, Link
from chatops.channels.jira.settings import PROJECT, JiraSpec
from chatops.messages import Deed, Message, Mood
from chatops.specs import ChannelSpec, listed

log = logging.getLogger(__name__)

OLDEST = timedelta(hours=1)
AHEAD = timedelta(minutes=5)
# Jira waits for the answer to a webhook, and there are up to five calls of ours within.
AT_ONCE = timedelta(seconds=3)
# Jira's search learns of a new issue some seconds after the issue is there.
FOUND_AFTER = timedelta(minutes=1)
LABEL = "access-plane"
_PROPERTY = "access-plane"
_LONGEST_NAME = 80
_LINKING = gettext_lazy(
    "The owner of the account can link it below, within a quarter of an hour, signed in with the "
    "address that Jira has for the account, and then do this again."
)


class Stage(StrEnum):
    """How a request stands, by the names of the settings that say where its issue belongs."""

    WAITING = "waiting"
    APPROVED = "approved"
    DENIED = "denied"
    EXPIRED = "expired"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Kept:
    """What we keep with an issue: the stage, and the key of the last news that was written."""

    stage: Stage | None = None
    key: str = ""


class Jira:
    """A channel whose recipients are projects, by key; to nobody means that of the settings.

    An issue has the conversation as a label, by which a try that was cut off finds what it made.
    """

    kind: ClassVar[str] = "jira"
    spec: ClassVar[type[ChannelSpec]] = JiraSpec
    secrets: ClassVar[frozenset[str]] = frozenset({"token", "webhook_secret"})
    has_recipients: ClassVar[bool] = True
    reaches_people: ClassVar[bool] = False
    follows: ClassVar[bool] = True
    pace: ClassVar[timedelta] = timedelta(milliseconds=250)
    doors: ClassVar[frozenset[str]] = frozenset({"webhook"})
    is_overheard: ClassVar[bool] = True

    def __init__(self, settings: Mapping[str, Any]) -> None:
        self._version: int = settings["api"]
        self._api = Api(settings["url"], self._version, settings["email"], settings["token"])
        self._project: str = settings["project"]
        self._issue_type: str = settings["issue_type"]
        self._names: Mapping[str, str] = settings["transitions"]
        self._webhook_secrets = listed(settings["webhook_secret"])
        self.links_by_email: bool = settings["link_by_email"]

    # --- out ------------------------------------------------------------------------------------

    def post(self, message: Message, *, to: str, key: str, at: datetime) -> str:
        """Make an issue, one for each conversation in a project; its id is returned.

        A try that broke off waits until a search could find what it made. A sample tries the
        token, the project and the type, and makes none.
        """
        project = to or self._project
        if not PROJECT.fullmatch(project):
            raise DeliveryFailed(
                f"{project[:64]!r} is no key of a project.", permanent=True, of_recipient=True
            )
        if message.is_sample:
            return self._tried(project)
        found = self._found(project, message)
        if found:
            return self.update(message, to=to, posted=found, key=key, at=at)
        try:
            return self._make(project, message, key)
        except DeliveryFailed as failure:
            if failure.permanent or failure.retry_after:
                raise
            raise DeliveryFailed(failure.sentence, retry_after=FOUND_AFTER) from failure

    def update(self, message: Message, *, to: str, posted: str, key: str, at: datetime) -> str:
        """Write the news below the issue, bring it up to date, and move it to where it belongs.

        News that is there already, of a try that was cut off, is not written again.
        """
        issue = self._issue(posted)
        kept = _kept(issue)
        stage = _stage(message) or kept.stage
        if kept.key != key:
            self._tell_news(posted, message, stage, key)
        self._move(issue, stage)
        return posted

    # --- in -------------------------------------------------------------------------------------

    def has_signed(self, call: Call, *, at: datetime) -> bool:
        """Whether the body of a webhook was signed with one of the channel's secrets."""
        signature = call.headers.get("X-Hub-Signature", "")
        return payloads.is_signed(call.body, signature, self._webhook_secrets)

    def read(self, call: Call, *, at: datetime) -> Said | None:
        """The review that moving an issue means here.

        What is old means nothing any more, nor does what the account that made the issue does.
        """
        moved = payloads.moved_in(call.body)
        if moved is None or not at - OLDEST <= moved.at <= at + AHEAD:
            return None
        account = moved.account if self._is_cloud else moved.user_key
        deed = self._deed_for(moved)
        if deed is None or not account or account in moved.creators:
            return None
        return Said(
            key=moved.key,
            account=account,
            deed=deed,
            posted=moved.issue,
            reason=f"Moved to {moved.status[:_LONGEST_NAME]} in Jira",
            name=moved.name,
        )

    def verified_email(self, account: str) -> str:
        """The address that Jira has for the account, if it tells; `DeliveryFailed`."""
        named = "accountId" if self._is_cloud else "key"
        person = self._api.call("GET", "/user", Person, query={named: account}, timeout=AT_ONCE)
        is_person = person.active and person.account_type == "atlassian"
        return (person.email_address or "") if is_person else ""

    def tell(self, to: Click | Said, outcome: Outcome) -> Reply:
        """Write below the issue that nothing changed, and why, and put it where it belongs.

        What counts is told by its news.
        """
        if outcome.is_done or not isinstance(to, Said):
            return Reply()
        name = to.name[:_LONGEST_NAME] or _("somebody")
        lines = [
            Line(
                " ".join(
                    [
                        _("Access Plane: what %(name)s did changes nothing.") % {"name": name},
                        outcome.text,
                    ]
                )
            ),
            Line(str(_LINKING) if outcome.link else ""),
        ]
        link = Link(_("Link the account"), outcome.link) if outcome.link else None
        try:
            self._comment(to.posted, self._document(lines, link), timeout=AT_ONCE)
        finally:
            issue = self._issue(to.posted, timeout=AT_ONCE)
            self._move(issue, _kept(issue).stage, timeout=AT_ONCE)
        return Reply()

    # --- what issues say --------------------------------------------------------------------------

    @property
    def _is_cloud(self) -> bool:
        return self._version != 2  # noqa: PLR2004 - the API of a Data Center

    def _document(self, lines: Iterable[Line], link: Link | None = None) -> Any:
        return documents.adf(lines, link) if self._is_cloud else documents.wiki(lines, link)

    def _description(self, message: Message) -> Any:
        facts = [
            Line(spoken(v) if isinstance(v := fact.value, datetime) else v, label=fact.label)
            for fact in message.facts
        ]
        lines = [Line(message.news), *facts, Line(self._hint(message))]
        link = Link(_("Open in Access Plane"), message.link) if message.link else None
        return self._document(lines, link)

    def _hint(self, message: Message) -> str:
        """How to decide here, where people may."""
        said = (
            ("approve", _("Whoever may review it approves by moving the issue to %(status)s.")),
            ("deny", _("Whoever may review it denies by moving the issue to %(status)s.")),
        )
        ways = [how % {"status": self._names[name]} for name, how in said if self._names[name]]
        return " ".join(ways) if message.deeds else ""

    # --- issues -----------------------------------------------------------------------------------

    def _tried(self, project: str) -> str:
        """What a sample says; `DeliveryFailed` if something is not as the settings say."""
        person = self._api.call("GET", "/myself", Person)
        found = self._api.call("GET", f"/project/{quote(project, safe='')}", Project)
        names = {value for one in found.issue_types for value in (one.id, one.name)}
        if self._issue_type not in names:
            sentence = f"The project {project} has no type of issues {self._issue_type!r}."
            raise DeliveryFailed(sentence, permanent=True)
        return f"Jira takes the token of {person.display_name} for the project {found.name}."

    def _found(self, project: str, message: Message) -> str:
        """The id of the conversation's issue in the project, if we made one and it is known."""
        label = f'labels = "{_label(message)}"'
        jql = f'project = "{project}" AND {label} AND creator = currentUser() ORDER BY created ASC'
        path = "/search/jql" if self._is_cloud else "/search"
        document = {"jql": jql, "fields": ["id"], "maxResults": 1}
        found = self._api.call("POST", path, Found, document=document).issues
        return found[0].id if found else ""

    def _make(self, project: str, message: Message, key: str) -> str:
        """The id of a new issue, which is where it belongs even if it does not wait any more."""
        stage = _stage(message)
        kind = "id" if self._issue_type.isdigit() else "name"
        fields = {
            "project": {"key": project},
            "issuetype": {kind: self._issue_type},
            "summary": documents.summary(message.title),
            "description": self._description(message),
            "labels": [LABEL, _label(message)],
        }
        kept = {"key": _PROPERTY, "value": _value(stage, key)}
        document = {"fields": fields, "properties": [kept]}
        issue = self._api.call("POST", "/issue", Made, document=document).id
        if stage not in {None, Stage.WAITING}:
            self._move(self._issue(issue), stage)
        return issue

    def _issue(self, issue: str, *, timeout: timedelta = TIMEOUT) -> Issue:
        query = {"fields": "status", "properties": _PROPERTY, "expand": "transitions"}
        return self._api.call("GET", _path(issue), Issue, query=query, timeout=timeout)

    def _tell_news(self, issue: str, message: Message, stage: Stage | None, key: str) -> None:
        """Write the news and how things stand now, in one call, so that neither comes twice.

        An issue that its workflow keeps from being edited gets the news alone.
        """
        needed = [fact for fact in message.facts if fact.label == "Needed"]
        lines = [Line(message.news), *(Line(str(one.value), one.label) for one in needed)]
        comment, value = self._document(lines), _value(stage, key)
        document = {
            "fields": {"description": self._description(message)},
            "update": {"comment": [{"add": {"body": comment}}]},
            "properties": [{"key": _PROPERTY, "value": value}],
        }
        try:
            self._api.call("PUT", _path(issue), Done, document=document)
        except Refused as refusal:
            if not refusal.permanent:
                raise
            self._comment(issue, comment)
            self._keep(issue, value)

    def _keep(self, issue: str, value: Mapping[str, str]) -> None:
        """Keep this with the issue, if that can be."""
        path = f"{_path(issue)}/properties/{_PROPERTY}"
        try:
            self._api.call("PUT", path, Done, document=value)
        except Refused as refusal:
            if not refusal.permanent:
                raise
            log.warning("What was told of an issue could not be kept: %s", refusal.sentence)

    def _comment(self, issue: str, body: Any, *, timeout: timedelta = TIMEOUT) -> None:
        path = f"{_path(issue)}/comment"
        self._api.call("POST", path, Done, document={"body": body}, timeout=timeout)

    # --- where they stand -------------------------------------------------------------------------

    def _deed_for(self, moved: payloads.Moved) -> Deed | None:
        """What moving an issue to this status means."""
        named = {moved.status.casefold(), moved.status_id.casefold()} - {""}
        if self._names["deny"].casefold() in named:
            return Deed.DENY
        return Deed.APPROVE if self._names["approve"].casefold() in named else None

    def _move(self, issue: Issue, stage: Stage | None, *, timeout: timedelta = TIMEOUT) -> None:
        """Move the issue to where this stage belongs, if there is a way from where it stands.

        While the request waits, an issue is left where people put it, unless it stands there as
        if it were decided. A move that Jira refuses is noted, and no failure.
        """
        status = issue.fields.status
        here = {status.name.casefold(), status.id}
        wanted = self._names[stage].casefold() if stage else ""
        if not wanted or wanted in here:
            return
        if stage is Stage.WAITING and not here & self._verdicts():
            return
        way = next((one for one in issue.transitions if wanted in _names_of(one)), None)
        if way is None or way.to.id == status.id:
            return
        document = {"transition": {"id": way.id}}
        path = f"{_path(issue.id)}/transitions"
        try:
            self._api.call("POST", path, Done, document=document, timeout=timeout)
        except Refused as refusal:
            if not refusal.permanent:
                raise
            log.warning("An issue could not be moved to %s: %s", stage, refusal.sentence)
            said = _("This could not be moved to %(status)s.") % {"status": way.to.name}
            line = Line(f"{said} {refusal.sentence}")
            self._comment(issue.id, self._document([line]), timeout=timeout)

    def _verdicts(self) -> set[str]:
        """The names and ids of the statuses that say that a request was decided, or is over."""
        return {
            name.casefold() for stage, name in self._names.items() if stage != Stage.WAITING
        }


def _stage(message: Message) -> Stage | None:
    """How the request stands; None where the news does not say it."""
    event = message.event
    if event["about"]["kind"] != "access_request":
        return None
    stages = {Mood.WAITING: Stage.WAITING, Mood.GOOD: Stage.APPROVED, Mood.BAD: Stage.DENIED}
    ended = {
        "access_request.expired": Stage.EXPIRED,
        "access_request.cancelled": Stage.CANCELLED,
    }
    return stages.get(message.mood) or ended.get(event["type"])


def _kept(issue: Issue) -> Kept:
    """What we keep with the issue, as far as it is still there."""
    value = issue.properties.get(_PROPERTY)
    if not isinstance(value, dict):
        return Kept()
    said = value.get("stage")
    stage = Stage(said) if said in list(Stage) else None
    return Kept(stage=stage, key=str(value.get("key", "")))


def _value(stage: Stage | None, key: str) -> dict[str, str]:
    return {"stage": stage or "", "key": key}


def _label(message: Message) -> str:
    return f"{LABEL}-{message.conversation}"


def _path(issue: str) -> str:
    return f"/issue/{quote(issue, safe='')}"


def _names_of(way: Transition) -> set[str]:
    return {way.name.casefold(), way.to.name.casefold(), way.to.id}
