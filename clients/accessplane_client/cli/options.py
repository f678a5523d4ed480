"""Options that several commands share."""

import re
from enum import StrEnum
from typing import Annotated

import typer

from accessplane_client.cli.output import Format
from accessplane_client.errors import PlaneError

LENGTH = re.compile(r"(?:([0-9]+)d)?(?:([0-9]+)h)?(?:([0-9]+)m)?(?:([0-9]+)s)?")

FormatOption = Annotated[Format, typer.Option("--format", help="How the result is written.")]
ReasonOption = Annotated[
    str | None, typer.Option(metavar="TEXT", help="Why, for those who decide and for the log.")
]
ReviewersOption = Annotated[
    list[str] | None,
    typer.Option(
        metavar="EMAILS", help="Who should look at it: e-mail addresses, separated by commas."
    ),
]
MaxDurationOption = Annotated[
    str | None,
    typer.Option(metavar="DURATION", help="How long you need it, such as 2h or 1h30m."),
]
StartTimeOption = Annotated[
    str | None,
    typer.Option(
        metavar="TIME", help="When access should start, such as 2026-12-01T09:00:00Z."
    ),
]
NowaitOption = Annotated[bool, typer.Option("--nowait", help="Don't wait for the decision.")]
TimeoutOption = Annotated[
    str | None,
    typer.Option(
        metavar="DURATION", help="Wait at most so long, such as 10m. The request stays."
    ),
]
DryRunOption = Annotated[
    bool, typer.Option("--dry-run", help="Show what would be asked, and ask nothing.")
]
LimitOption = Annotated[
    int, typer.Option(metavar="NUMBER", min=1, help="Show at most so many.")
]
RequestIdArgument = Annotated[str, typer.Argument(metavar="ID", help="The whole id.")]


class RequestState(StrEnum):
    pending = "PENDING"
    approved = "APPROVED"
    denied = "DENIED"
    expired = "EXPIRED"
    cancelled = "CANCELLED"


class GrantState(StrEnum):
    scheduled = "SCHEDULED"
    active = "ACTIVE"
    expired = "EXPIRED"
    ended = "ENDED"
    revoked = "REVOKED"


def names(values: list[str] | None) -> list[str]:
    """Names given as one option with commas, as several options, or both."""
    return [
        name for value in values or () for part in value.split(",") if (name := part.strip())
    ]


def seconds(text: str) -> int:
    """`90s`, `10m`, `1h30m`, `2d`, or a number of seconds."""
    if text.isascii() and text.isdigit():
        return int(text)
    found = LENGTH.fullmatch(text)
    if not text or not found:
        raise PlaneError(f"{text!r} is no length of time: say 90s, 10m, 1h30m or 2d.")
    return sum(
        int(count) * size
        for count, size in zip(found.groups(default="0"), (86400, 3600, 60, 1), strict=True)
    )
