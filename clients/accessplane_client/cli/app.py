"""The `ap` command."""

import io
import os
import sys
from collections.abc import Sequence
from typing import Annotated

import typer

from accessplane_client.cli import account, apply, events, exits, grant, mcp, problems, request
from accessplane_client.cli.output import note
from accessplane_client.errors import PlaneError
from accessplane_client.version import __version__

app = typer.Typer(
    name="ap",
    help="Access Plane from a terminal: ask for access, review, and see what happened.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,  # they can show values of variables, a token among them
)
app.add_typer(request.app, name="request")
app.add_typer(grant.app, name="grant")
app.command()(account.login)
app.command()(account.logout)
app.command()(account.whoami)
app.command()(events.events)
app.command()(apply.apply)
app.command()(mcp.mcp)


def _show_version(*, wanted: bool) -> None:
    if wanted:
        typer.echo(f"ap {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    *,
    version: Annotated[
        bool,
        typer.Option(
            "--version", help="Show the version.", callback=_show_version, is_eager=True
        ),
    ] = False,
) -> None:
    pass


def main() -> None:
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    sys.exit(run(sys.argv[1:]))


def run(arguments: Sequence[str]) -> int:
    """The exit code. A mistake in the arguments is 1 like every error: 2 means denied."""
    try:
        code = app(args=list(arguments), prog_name="ap", standalone_mode=False)
        sys.stdout.flush()
    except PlaneError as error:
        problems.tell(error)
        return exits.ERROR
    except typer.TyperException as error:
        return _tell_usage(error)
    except typer.Abort:
        return exits.ERROR
    except OSError as error:
        return _tell_unwritable(error)
    return code if isinstance(code, int) else exits.OK


def _tell_usage(error: typer.TyperException) -> int:
    context = getattr(error, "ctx", None)
    if said := error.format_message():  # empty where the help was shown instead
        note(f"Error: {said}")
        if context is not None:
            note(f"See: {context.command_path} --help")
    return exits.ERROR


def _tell_unwritable(error: OSError) -> int:
    """A disk that is full; a reader who has left, which is no news to anybody."""
    if not isinstance(error, BrokenPipeError):
        note(f"Error: {error.filename or 'The output'} can't be written: {error.strerror}.")
    _write_nothing_more()
    return exits.ERROR


def _write_nothing_more() -> None:
    """Else Python tries again at its end, and complains."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
