"""`ap events`: the audit log, what was and what comes."""

import logging
import time
from collections import deque
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Annotated, NoReturn

import typer

from accessplane_client.calls import EventFilters
from accessplane_client.cli.options import FormatOption, LimitOption, seconds
from accessplane_client.cli.output import Format, emit, emit_one_of_many, note
from accessplane_client.cli.safe_text import clean_line
from accessplane_client.cli.session import open_plane
from accessplane_client.cli.tables import table
from accessplane_client.cli.wording import time_text
from accessplane_client.client import Plane
from accessplane_client.documents import Event
from accessplane_client.errors import PlaneError


def events(
    *,
    follow: Annotated[
        bool, typer.Option("--follow", "-f", help="Go on with what happens from now on.")
    ] = False,
    type: Annotated[  # noqa: A002  the option is called so
        str | None,
        typer.Option(metavar="NAME", help="Of this type, such as access_request.approved."),
    ] = None,
    actor: Annotated[
        str | None, typer.Option(metavar="EMAIL", help="By this one: an e-mail address.")
    ] = None,
    about: Annotated[
        str | None, typer.Option(metavar="ID", help="About the thing with this id.")
    ] = None,
    since: Annotated[
        str,
        typer.Option(
            metavar="TIME", help="From this time on, or as long ago as 30m, 24h or 7d."
        ),
    ] = "24h",
    after: Annotated[
        int | None,
        typer.Option(
            metavar="NUMBER", min=0, help="After this sequence number; wins over --since."
        ),
    ] = None,
    limit: LimitOption = 100,
    form: FormatOption = Format.text,
) -> None:
    """Show what happened lately, oldest first: the newest so many of what is asked for."""
    begin = _moment(since) if after is None else None
    filters = EventFilters(type=type, actor=actor, about=about, since=begin)
    with open_plane() as plane:
        recent = deque(plane.events(after or 0, **filters), maxlen=limit)
        if follow:
            _follow(plane, filters, recent, after or 0, form)
    emit(
        form, [each.document for each in recent], lambda: _event_table(recent) if recent else ""
    )
    if not recent and form is Format.text:
        note("Nothing that you may see happened.")


def _follow(
    plane: Plane, filters: EventFilters, recent: Sequence[Event], after: int, form: Format
) -> NoReturn:
    for event in recent:
        _emit_line(event, form)
    begin = recent[-1].sequence if recent else after
    logging.getLogger("accessplane_client").addHandler(logging.NullHandler())  # stderr is ours
    for event in plane.events(begin, follow=True, **filters):
        _emit_line(event, form)
    raise AssertionError("What is followed has no end.")


def _emit_line(event: Event, form: Format) -> None:
    emit_one_of_many(form, event.document, lambda: "  ".join(map(clean_line, _cells(event))))


def _event_table(found: Iterable[Event]) -> str:
    return table(("Sequence", "Time (UTC)", "Type", "By", "About"), map(_cells, found))


def _cells(event: Event) -> tuple[str, ...]:
    by = f"{event.actor.name} ({event.actor.via})" if event.actor.via else event.actor.name
    # The name of a request or a grant is its roles: it takes the id to go on from here.
    is_named = event.about.kind not in {"access_request", "grant"}
    about = f"{event.about.kind} {(is_named and event.about.name) or event.about.id}"
    return str(event.sequence), time_text(event.at), event.type, by, about


def _moment(since: str) -> datetime | str:
    """A time is passed on as it stands: the plane reads it."""
    try:
        return datetime.fromtimestamp(time.time() - seconds(since), UTC)
    except PlaneError:
        return since
