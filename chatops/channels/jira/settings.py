"""Pure: the settings of a channel of the type jira."""

import re
from typing import Annotated

import msgspec
from msgspec import Meta

from accessplane.lib.secret_texts import check
from chatops.channels import calls
from chatops.specs import MOST_SECRETS, ChannelSpec, listed, told
from identity.specs import Spec, as_value_error

PROJECT = re.compile(r"[A-Z][A-Z0-9_]{0,63}")
_ADDRESS = re.compile(r"[!-9;-~]+@[!-9;-~]+")  # a colon would end it in basic authentication
_LONGEST_NAME = 80


def _folded(*names: str) -> set[str]:
    return {name.casefold() for name in names if name}


class Transitions(Spec, frozen=True):
    """What moves of the issue mean; what is left empty happens nowhere.

    `approve` and `deny` are the statuses, by name or id, to which people move the issue to
    decide. The others are where the plane moves it: transitions by their names, or the statuses
    to which these lead. `waiting` undoes what decided nothing.
    """

    approve: str = ""
    deny: str = ""
    waiting: str = ""
    approved: str = ""
    denied: str = ""
    expired: str = ""
    cancelled: str = ""

    def __post_init__(self) -> None:
        for name in self.__struct_fields__:
            value = getattr(self, name)
            if value != value.strip() or len(value) > _LONGEST_NAME or not value.isprintable():
                raise ValueError(f"`{name}` is the name of a status or a transition.")
        yes, no = _folded(self.approve, self.approved), _folded(self.deny, self.denied)
        waits, other = _folded(self.waiting), _folded(self.expired, self.cancelled)
        if yes & (no | waits | other) or no & waits:
            raise ValueError(
                "What approves, what denies and what waits are different statuses."
            )


class JiraSettings(Spec, frozen=True):
    """A site of Jira and the account that makes the issues there.

    Without an `email` the token is that of a Data Center. `link_by_email`: whoever moves an
    issue acts as the user with the address that Jira knows.
    """

    url: Annotated[str, told("Of the site, such as https://example.atlassian.net.")]
    token: Annotated[str, told("An API token of the account, or a personal access token.")]
    project: Annotated[str, told("The key of the project, where a route names none.")]
    email: Annotated[str, told("Of the account; empty for a Data Center.")] = ""
    issue_type: Annotated[str, told("The type of the issues, by name or id.")] = "Task"
    transitions: Annotated[
        Transitions,
        told("Which moves mean what, such as approve: Approved. Empty: none."),
    ] = msgspec.field(default_factory=Transitions)
    webhook_secret: Annotated[
        str | tuple[str, ...],
        told("Of the webhook; without it nobody decides there."),
    ] = ()
    link_by_email: Annotated[
        bool,
        told("Whoever does it there acts as the user with the address that Jira has."),
    ] = False
    api: Annotated[
        int, Meta(ge=2, le=3), told("The version of the API: 3, or 2 for a Data Center.")
    ] = 3

    def __post_init__(self) -> None:
        secrets = listed(self.webhook_secret)
        if len(secrets) > MOST_SECRETS:
            raise ValueError(f"There are at most {MOST_SECRETS} webhook secrets.")
        for secret in (self.token, *secrets):
            as_value_error(check, secret)
        if (self.transitions.approve or self.transitions.deny) and not secrets:
            raise ValueError("With transitions that approve or deny there is a webhook_secret.")
        if self.email and not _ADDRESS.fullmatch(self.email):
            raise ValueError("`email` is the address of an account of Jira, or empty.")
        if not PROJECT.fullmatch(self.project):
            raise ValueError("`project` is the key of a project, such as OPS.")
        if not self.issue_type.strip() or len(self.issue_type) > _LONGEST_NAME:
            raise ValueError("`issue_type` is the name or the id of a type of issues.")
        calls.check_url(self.url)


class JiraSpec(ChannelSpec, frozen=True):
    """The `spec` of a channel of this type."""

    settings: JiraSettings
