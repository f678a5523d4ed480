"""`ap grant`: what is held for a time."""

from collections.abc import Iterable
from itertools import islice
from typing import Annotated

import typer

from accessplane_client.calls import PAGE, RequestDetails
from accessplane_client.cli.asking import ask
from accessplane_client.cli.ids import grant_id
from accessplane_client.cli.options import (
    DryRunOption,
    FormatOption,
    GrantState,
    LimitOption,
    MaxDurationOption,
    NowaitOption,
    ReasonOption,
    ReviewersOption,
    TimeoutOption,
    names,
)
from accessplane_client.cli.output import Format, emit, note
from accessplane_client.cli.session import open_plane
from accessplane_client.cli.tables import table
from accessplane_client.cli.wording import time_text
from accessplane_client.documents import Grant

app = typer.Typer(no_args_is_help=True, help="See, give back, take away and extend access.")

GrantIdArgument = Annotated[str, typer.Argument(metavar="ID", help="The whole id.")]


@app.command("list")
def list_grants(
    *,
    user: Annotated[
        str | None, typer.Option(metavar="EMAIL", help="Whose: an e-mail address.")
    ] = None,
    role: Annotated[str | None, typer.Option(metavar="NAME", help="Of this role.")] = None,
    state: Annotated[
        GrantState | None, typer.Option(case_sensitive=False, help="Those in this state.")
    ] = None,
    in_force: Annotated[
        bool, typer.Option("--in-force", help="Those that give access right now.")
    ] = False,
    limit: LimitOption = 50,
    form: FormatOption = Format.text,
) -> None:
    """Show the grants that you may see."""
    with open_plane() as plane:
        grants = plane.grants(
            page=min(limit + 1, PAGE),
            user=user,
            role=role,
            state=state,
            in_force=in_force or None,
        )
        found = list(islice(grants, limit + 1))
    shown = found[:limit]
    emit(form, [each.document for each in shown], lambda: grant_table(shown) if shown else "")
    if not shown and form is Format.text:
        note("There are none.")
    if len(found) > limit:
        note(f"There are more than {limit}: --limit {limit * 4} shows more.")


@app.command()
def end(
    *, which: GrantIdArgument, reason: ReasonOption = None, form: FormatOption = Format.text
) -> None:
    """Give back access that you hold."""
    whole = grant_id(which)
    with open_plane() as plane:
        grant = plane.end_grant(whole, reason=reason)
    emit(form, grant.document, lambda: _state_text(grant))


@app.command()
def revoke(
    *,
    which: GrantIdArgument,
    reason: Annotated[
        str, typer.Option(metavar="TEXT", help="Why: its holder is told, and the log keeps it.")
    ],
    form: FormatOption = Format.text,
) -> None:
    """Take access away from whoever holds it."""
    whole = grant_id(which)
    with open_plane() as plane:
        grant = plane.revoke_grant(whole, reason=reason)
    emit(form, grant.document, lambda: _state_text(grant))


@app.command()
def extend(
    *,
    which: GrantIdArgument,
    max_duration: MaxDurationOption = None,
    reason: ReasonOption = None,
    reviewers: ReviewersOption = None,
    nowait: NowaitOption = False,
    timeout: TimeoutOption = None,
    dry_run: DryRunOption = False,
    form: FormatOption = Format.text,
) -> None:
    """Ask for more time, and wait for the decision as `ap request create` does."""
    whole = grant_id(which)
    with open_plane() as plane:
        details = RequestDetails(
            extends=whole,
            duration=max_duration,
            reason=reason,
            suggested_reviewers=names(reviewers) or None,
        )
        ask(
            plane,
            [plane.grant(whole).role],
            details,
            form=form,
            timeout=timeout,
            nowait=nowait,
            dry_run=dry_run,
        )


def grant_table(grants: Iterable[Grant]) -> str:
    return table(
        ("ID", "User", "Role", "Starts (UTC)", "Ends (UTC)", "Status"),
        [
            (
                each.id,
                each.user,
                each.role,
                time_text(each.starts_at),
                time_text(each.ends_at),
                each.state,
            )
            for each in grants
        ],
    )


def _state_text(grant: Grant) -> str:
    return f"{grant.role} of {grant.user}: {grant.state}."
