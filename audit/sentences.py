"""What happened, in one plain sentence for each type of event.

The table knows the types of all apps by their names: the log is for reading, and one place says how
it reads. A type without a line, or an event that lacks what its line names, is told in general words.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

# Fields of events that hold the address of a person.
PEOPLE = ("requester", "author", "reviewer", "user", "delegate", "owner")


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """An event as sentences tell it.

    `actor`, `name` (of the object) and `requester` (whose request it is about, empty where nobody
    knows) are what people are called already; `called` does the same for addresses in `data`.
    `by_the_plane`: nobody did it, the clock or a job or a command did.
    """

    type: str
    actor: str
    name: str
    data: Mapping[str, Any]
    requester: str = ""
    by_the_plane: bool = False
    called: Callable[[str], str] = str


Text = Any  # a promise of a translation
Line = Text | Callable[[Told], Text]


def sentence_of(told: Told) -> str:
    """The event as one sentence, without its full stop."""
    line = SENTENCES.get(told.type, _ANY)
    try:
        return str(line(told) if callable(line) else line) % _words_of(told)
    except (KeyError, TypeError):
        return str(_ANY) % _words_of(told)


def actor_words(kind: str, name: str, via: str, called: str) -> str:
    """How a sentence begins with who acted: a person, a command, or the plane itself."""
    if kind != "system":
        return called
    return (
        str(_("The command %(name)s") % {"name": name}) if via == "console" else "Access Plane"
    )


def door_words(via: str) -> str:
    """The door that somebody came through; one that has no words is named as it is."""
    return str(DOORS.get(via, via))


def addresses_in(data: Mapping[str, Any]) -> Iterator[str]:
    """The people whom an event's data names."""
    for field in PEOPLE:
        if isinstance(address := data.get(field), str):
            yield address


def _words_of(told: Told) -> dict[str, Any]:
    """What a sentence may name: fields of the data, and over them what we know better."""
    words = {key: _plain(value) for key, value in told.data.items()}
    words |= {field: told.called(address) for field, address in _people(told.data)}
    words |= {"actor": told.actor, "name": told.name, "type": told.type}
    return words | {"requester": told.requester} if told.requester else words


def _people(data: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
    return [(field, data[field]) for field in PEOPLE if isinstance(data.get(field), str)]


def _plain(value: Any) -> Any:
    return ", ".join(map(str, value)) if isinstance(value, list) else value


# --- sentences with several endings -------------------------------------------------------------


def _asked(told: Told) -> Text:
    if told.data.get("extends"):
        return _("%(requester)s asked for more time with %(name)s")
    if told.data["author"] != told.data["requester"]:
        return _("%(author)s asked for %(name)s for %(requester)s")
    return _("%(requester)s asked for %(name)s")


_REVIEWED = {
    "APPROVE": _("%(reviewer)s approved %(requester)s's request for %(name)s"),
    "DENY": _("%(reviewer)s denied %(requester)s's request for %(name)s"),
    "COMMENT": _("%(reviewer)s commented on %(requester)s's request for %(name)s"),
}
_CHECKED = {
    "ALLOW": _("%(requester)s's request for %(name)s passed the check %(workflow)s"),
    "DENY": _("%(requester)s's request for %(name)s failed the check %(workflow)s"),
    "ABSTAIN": _("The check %(workflow)s had nothing to say on %(requester)s's request for %(name)s"),
}  # fmt: skip


def _approved(told: Told) -> Text:
    if told.data.get("forced"):
        return _(
            "%(actor)s approved %(requester)s's request for %(name)s without its reviewers"
        )
    return _("%(requester)s's request for %(name)s is approved")


def _denied(told: Told) -> Text:
    if told.data.get("forced"):
        return _("%(actor)s denied %(requester)s's request for %(name)s without its reviewers")
    return _("%(requester)s's request for %(name)s is denied")


def _cancelled(told: Told) -> Text:
    if told.by_the_plane:
        return _(
            "%(requester)s's request for more time with %(name)s is void: the access is over"
        )
    return _("%(actor)s took the request for %(name)s back")


def _revoked(told: Told) -> Text:
    if told.by_the_plane:
        return _("%(user)s's access to %(role)s was taken away before it began")
    return _("%(actor)s revoked %(user)s's access to %(role)s")


_ANY = _("%(actor)s: %(type)s, %(name)s")

SENTENCES: dict[str, Line] = {
    "access_request.created": _asked,
    "access_request.reviewed": lambda told: _REVIEWED[told.data["decision"]],
    "access_request.checked": lambda told: _CHECKED[told.data["verdict"]],
    "access_request.check_held": _("%(requester)s's request for %(name)s waits for the check %(workflow)s, which gave no answer"),
    "access_request.approved": _approved,
    "access_request.denied": _denied,
    "access_request.expired": _("%(requester)s's request for %(name)s ran out before it was decided"),
    "access_request.cancelled": _cancelled,
    "grant.scheduled": _("%(user)s's access to %(role)s is planned"),
    "grant.started": _("%(user)s's access to %(role)s began"),
    "grant.extended": _("%(user)s's access to %(role)s lasts longer"),
    "grant.ending_soon": _("%(user)s's access to %(role)s ends soon"),
    "grant.ended": _("%(user)s gave %(role)s back"),
    "grant.revoked": _revoked,
    "grant.expired": _("%(user)s's access to %(role)s ran out"),
    "posting.failed": _("A message to %(recipient)s through %(channel)s did not arrive"),
    "posting.retried": _("%(actor)s sent a failed message to %(recipient)s again"),
    "user.created": _("%(actor)s added %(name)s"),
    "user.updated": _("%(actor)s changed %(name)s: %(changed)s"),
    "user.invited": _("%(actor)s invited %(name)s"),
    "user.address_confirmed": _("%(name)s's e-mail address is confirmed"),
    "user.account_linked": _("%(actor)s linked an account of %(channel)s to %(name)s"),
    "user.account_unlinked": _("%(actor)s took an account of %(channel)s from %(name)s"),
    "user.delegated": _("%(name)s chose %(delegate)s to be told of reviews for a while"),
    "user.delegation_ended": _("%(name)s no longer has %(delegate)s told of reviews"),
    "user.session_ended": _("%(actor)s ended a session of %(name)s"),
    "user.factor_added": _("%(actor)s added a second factor for %(name)s"),
    "user.factor_removed": _("%(actor)s removed a second factor of %(name)s"),
    "role.created": _("%(actor)s added the role %(name)s"),
    "role.updated": _("%(actor)s changed the role %(name)s"),
    "workflow.created": _("%(actor)s added the workflow %(name)s"),
    "workflow.updated": _("%(actor)s changed the workflow %(name)s"),
    "channel.created": _("%(actor)s added the channel %(name)s"),
    "channel.updated": _("%(actor)s changed the channel %(name)s: %(changed)s"),
    "channel.archived": _("%(actor)s switched the channel %(name)s off"),
    "route.created": _("%(actor)s added the route %(name)s"),
    "route.updated": _("%(actor)s changed the route %(name)s: %(changed)s"),
    "route.archived": _("%(actor)s switched the route %(name)s off"),
    "connector.created": _("%(actor)s added the sign-in connector %(name)s"),
    "connector.updated": _("%(actor)s changed the sign-in connector %(name)s"),
    "login.succeeded": _("%(name)s signed in"),
    "login.failed": _("Somebody tried to sign in as %(name)s and was not let in"),
    "token.created": _("%(actor)s made an API token for %(user)s"),
    "token.revoked": _("%(actor)s revoked an API token of %(user)s"),
}  # fmt: skip

DOORS: dict[str, Text] = {
    "web": _("the pages"),
    "api": _("the API"),
    "cli": _("the command line"),
    "mcp": _("an agent"),
    "slack": "Slack",
    "email": _("e-mail"),
    "pagerduty": "PagerDuty",
    "teams": "Microsoft Teams",
    "mattermost": "Mattermost",
    "discord": "Discord",
    "jira": "Jira",
    "admin": _("the admin pages"),
    "console": _("a command on the server"),
    "system": _("the plane itself"),
}
