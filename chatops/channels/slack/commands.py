"""Pure: what people type after our command."""

import re
from dataclasses import dataclass
from datetime import timedelta

from accessplane.lib.durations import parse_duration
from accessplane.lib.errors import InvalidInput
from accessplane.lib.words import gettext as _

_ASKED = re.compile(
    r"(?P<roles>.+?)(?:\s+for\s+(?P<duration>.+?))?(?:\s+because\b:?(?P<reason>.*))?",
    re.DOTALL | re.IGNORECASE,
)
_NAMES = re.compile(r"[\s,;]+")


@dataclass(frozen=True, slots=True)
class Asked:
    """Which roles, for how long (None: as long as the roles allow), and why."""

    roles: tuple[str, ...]
    duration: timedelta | None
    reason: str


def verb_of(text: str) -> tuple[str, str]:
    """The first word in lower case, and the rest."""
    verb, _, rest = text.strip().partition(" ")
    return verb.lower(), rest.strip()


def asked_for(text: str, *, name: str) -> Asked:
    """What `dba, staging-web for 2h because ticket #123` asks for.

    `InvalidInput` says how to write it; `name` is the command that people typed.
    """
    found = _ASKED.fullmatch(text.strip())
    if found is None:
        raise InvalidInput(
            _("Say which role, for how long and why: %(example)s")
            % {"example": f"{name} request dba for 2h because ticket #123"}
        )
    duration = found["duration"]
    return Asked(
        roles=tuple(filter(None, _NAMES.split(found["roles"]))),
        duration=parse_duration(_NAMES.sub("", duration)) if duration else None,
        reason=(found["reason"] or "").strip(),
    )


def help_text(name: str) -> str:
    """What can be typed."""
    return "\n".join(
        (
            f"{name} request dba for 2h because ticket #123 - {_('ask for access')}",
            f"{name} list - {_('what you hold, what you asked for, what you may ask for')}",
            f"{name} review - {_('what waits for your decision')}",
            f"{name} help - {_('this')}",
        )
    )
