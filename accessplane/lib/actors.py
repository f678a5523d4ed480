"""Who acted, and through which door."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID


class ActorKind(StrEnum):
    """What kind of being acted."""

    USER = "user"
    BOT = "bot"
    SYSTEM = "system"


class Via(StrEnum):
    """The door through which somebody acted, as answers and events name it."""

    WEB = "web"
    API = "api"
    CLI = "cli"
    MCP = "mcp"
    SLACK = "slack"
    EMAIL = "email"
    PAGERDUTY = "pagerduty"
    TEAMS = "teams"
    MATTERMOST = "mattermost"
    DISCORD = "discord"
    JIRA = "jira"
    ADMIN = "admin"
    CONSOLE = "console"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class Actor:
    """Who did something: `name` is an e-mail address, or a job's name for the system.

    `factor_at` is when this person last proved a second factor in the session that acts; None
    where the door cannot know it.
    """

    kind: ActorKind
    name: str
    via: Via
    id: UUID | None = None
    ip: str | None = None
    factor_at: datetime | None = None


def system(job: str) -> Actor:
    """The plane itself, acting through the job of this name."""
    return Actor(kind=ActorKind.SYSTEM, name=job, via=Via.SYSTEM)


def console(command: str) -> Actor:
    """An operator with a shell on the plane, acting through this command."""
    return Actor(kind=ActorKind.SYSTEM, name=command, via=Via.CONSOLE)
