"""`ap request`: ask, look, decide."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Annotated

import typer

from accessplane_client.calls import PAGE, RequestDetails
from accessplane_client.cli.asking import ask
from accessplane_client.cli.ids import request_id
from accessplane_client.cli.options import (
    DryRunOption,
    FormatOption,
    LimitOption,
    MaxDurationOption,
    NowaitOption,
    ReasonOption,
    RequestIdArgument,
    RequestState,
    ReviewersOption,
    StartTimeOption,
    TimeoutOption,
    names,
)
from accessplane_client.cli.output import Format, emit, note
from accessplane_client.cli.request_text import (
    decision_text,
    full_text,
    request_table,
    reviewed_text,
)
from accessplane_client.cli.session import open_plane
from accessplane_client.cli.tables import table
from accessplane_client.cli.wording import duration_text
from accessplane_client.client import Plane
from accessplane_client.documents import (
    APPROVE,
    DENY,
    PENDING,
    AccessRequest,
    RequestableRole,
)
from accessplane_client.errors import PlaneError

app = typer.Typer(no_args_is_help=True, help="Ask for roles, and decide what others ask for.")


@app.command()
def create(  # noqa: PLR0913  a command's options are its arguments
    *,
    roles: Annotated[
        list[str],
        typer.Option(
            metavar="NAMES", help="What you need: names of roles, separated by commas."
        ),
    ],
    reason: ReasonOption = None,
    reviewers: ReviewersOption = None,
    max_duration: MaxDurationOption = None,
    request_ttl: Annotated[
        str | None,
        typer.Option(
            metavar="DURATION", help="How long the request may wait, such as 2h or 3d."
        ),
    ] = None,
    assume_start_time: StartTimeOption = None,
    nowait: NowaitOption = False,
    timeout: TimeoutOption = None,
    dry_run: DryRunOption = False,
    form: FormatOption = Format.text,
) -> None:
    """Ask for roles, and wait for the decision.

    Ends with 0 when approved, 2 when denied or cancelled, 4 when not decided in time, 1 on an error.
    """
    details = RequestDetails(
        reason=reason,
        suggested_reviewers=names(reviewers) or None,
        duration=max_duration,
        pending_ttl=request_ttl,
        start_time=assume_start_time,
    )
    with open_plane() as plane:
        ask(
            plane,
            names(roles),
            details,
            form=form,
            timeout=timeout,
            nowait=nowait,
            dry_run=dry_run,
        )


@app.command("list")
def list_requests(
    *,
    reviewable: Annotated[
        bool, typer.Option("--reviewable", help="Those that wait for your decision.")
    ] = False,
    suggested: Annotated[
        bool, typer.Option("--suggested", help="Pending ones that name you as a reviewer.")
    ] = False,
    my_requests: Annotated[
        bool, typer.Option("--my-requests", help="Those you asked for.")
    ] = False,
    state: Annotated[
        RequestState | None, typer.Option(case_sensitive=False, help="Those in this state.")
    ] = None,
    limit: LimitOption = 50,
    form: FormatOption = Format.text,
) -> None:
    """Show the requests that you may see, newest first."""
    if reviewable and my_requests:
        raise PlaneError("Nobody reviews their own: choose --reviewable or --my-requests.")
    scope = "reviewable" if reviewable else "mine" if my_requests else None
    wanted = PENDING if suggested and state is None else state
    with open_plane() as plane:
        found: Iterator[AccessRequest] = plane.requests(
            page=min(limit + 1, PAGE), scope=scope, state=wanted
        )
        if suggested:
            found = _suggested_to(plane.me().email, found)
        shown = list(islice(found, limit + 1))
    _show_list(shown, limit, form)


def _suggested_to(email: str, requests: Iterable[AccessRequest]) -> Iterator[AccessRequest]:
    for each in requests:
        if each.is_pending and email.lower() in map(str.lower, each.suggested_reviewers):
            yield each


def _show_list(found: Sequence[AccessRequest], limit: int, form: Format) -> None:
    shown = found[:limit]
    emit(
        form,
        [each.document for each in shown],
        lambda: request_table(shown) if shown else "",
    )
    if not shown and form is Format.text:
        note("There are none.")
    if len(found) > limit:
        note(f"There are more than {limit}: --limit {limit * 4} shows more.")


@app.command()
def show(*, which: RequestIdArgument, form: FormatOption = Format.text) -> None:
    """Show one request with its reviews, checks and grants."""
    whole = request_id(which)
    with open_plane() as plane:
        request = plane.request(whole)
    emit(form, request.document, lambda: full_text(request))


@app.command()
def review(
    *,
    which: Annotated[
        str | None,
        typer.Argument(metavar="[ID]", help="The whole id; without it, the only one waiting."),
    ] = None,
    approve: Annotated[bool, typer.Option("--approve", help="Agree.")] = False,
    deny: Annotated[bool, typer.Option("--deny", help="Refuse.")] = False,
    reason: ReasonOption = None,
    assume_start_time: StartTimeOption = None,
    form: FormatOption = Format.text,
) -> None:
    """Approve or deny a request."""
    if approve == deny:
        raise PlaneError("Say what you decide: --approve or --deny.")
    whole = request_id(which) if which is not None else None
    with open_plane() as plane:
        reviewed = plane.review(
            whole or _only_one_waiting(plane).id,
            APPROVE if approve else DENY,
            reason=reason,
            start_time=assume_start_time,
        )
    emit(form, reviewed.document, lambda: reviewed_text(reviewed))


def _only_one_waiting(plane: Plane) -> AccessRequest:
    waiting = list(islice(plane.requests(scope="reviewable", page=50), 50))
    if not waiting:
        raise PlaneError("No request waits for your decision.")
    if len(waiting) > 1:
        note(request_table(waiting))
        raise PlaneError("Several requests wait for your decision: name one by its id.")
    return waiting[0]


@app.command()
def cancel(
    *,
    which: RequestIdArgument,
    reason: ReasonOption = None,
    form: FormatOption = Format.text,
) -> None:
    """Take back a request of your own."""
    whole = request_id(which)
    with open_plane() as plane:
        request = plane.cancel(whole, reason=reason)
    emit(form, request.document, lambda: decision_text(request))


@app.command()
def search(
    *,
    text: Annotated[
        str, typer.Argument(metavar="[TEXT]", help="A part of a name, title or description.")
    ] = "",
    form: FormatOption = Format.text,
) -> None:
    """Show the roles that you can ask for."""
    with open_plane() as plane:
        found = [each for each in plane.requestable_roles() if _matches(each, text)]
    emit(form, [each.document for each in found], lambda: _role_table(found) if found else "")
    if not found and form is Format.text:
        note("There is no such role that you can ask for." if text else "You can ask for none.")


def _matches(role: RequestableRole, text: str) -> bool:
    return text.lower() in "\n".join((role.name, role.title, role.description)).lower()


def _role_table(roles: Iterable[RequestableRole]) -> str:
    return table(
        ("Role", "Longest", "Reason", "Held", "What it is for"),
        [
            (
                each.name,
                duration_text(each.limit_seconds) if each.limit_seconds else "-",
                "required" if each.reason_required else "-",
                "yes" if each.held else "-",
                each.description or each.title,
            )
            for each in roles
        ],
    )
