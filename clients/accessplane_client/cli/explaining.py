"""`ap request explain`: who would have to agree, and why not."""

from collections.abc import Iterator
from typing import Annotated

import typer

from accessplane_client.cli.exits import REFUSED
from accessplane_client.cli.options import FormatOption, MaxDurationOption, ReasonOption, names
from accessplane_client.cli.output import Format, emit
from accessplane_client.cli.request_text import check_text
from accessplane_client.cli.session import open_plane
from accessplane_client.cli.tables import block
from accessplane_client.cli.wording import duration_text
from accessplane_client.explanations import Because, Explanation, Standing


def explain(  # a command's options are its arguments
    *,
    roles: Annotated[
        list[str],
        typer.Option(
            metavar="NAMES", help="What you would ask for: names, separated by commas."
        ),
    ],
    user: Annotated[
        str | None,
        typer.Option(metavar="EMAIL", help="Somebody else, if you may read users and roles."),
    ] = None,
    reason: ReasonOption = None,
    max_duration: MaxDurationOption = None,
    form: FormatOption = Format.text,
) -> None:
    """Show who would have to agree to a request, or why it would be refused.

    Ends with 0 when it would be accepted, 2 when it would be refused or denied, 1 on an error.
    """
    with open_plane() as plane:
        found = plane.explain(names(roles), user=user, reason=reason, duration=max_duration)
    emit(form, found.document, lambda: explanation_text(found))
    if not found.stands_a_chance:
        raise typer.Exit(REFUSED)


def explanation_text(found: Explanation) -> str:
    terms = found.terms
    return f"{found.summary}\n\n" + block(
        [
            ("User", found.user),
            ("Roles", "\n".join(line for role in found.roles for line in _role_lines(role))),
            ("Needs", "\n".join(need.sentence for need in found.needs)),
            ("Terms", "\n".join(terms.sentences) if terms else ""),
            ("Asked about", "\n".join(terms.prompts) if terms else ""),
            ("Duration", duration_text(terms.duration_seconds) if terms else ""),
            ("Can decide", (", ".join(found.possible_reviewers) or "nobody") if terms else ""),
            ("Checks", "\n".join(map(check_text, found.checks))),
        ]
    )


def _role_lines(role: Standing) -> Iterator[str]:
    held = {"static": " It is held all the time.", "grant": " It is held for a while."}
    yield role.sentence + held.get(role.held or "", "")
    if len(role.because) == 1 and _says_no_more(role.because[0], role):
        return
    for because in role.because:
        yield f"- {because.sentence}"


def _says_no_more(because: Because, role: Standing) -> bool:
    return because.pattern == role.name and not because.claim
