"""`ap apply`: configuration from files, all or nothing."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from accessplane_client.cli.options import FormatOption
from accessplane_client.cli.output import Format, emit, note
from accessplane_client.cli.session import open_plane
from accessplane_client.cli.tables import table
from accessplane_client.documents import Applied
from accessplane_client.errors import PlaneError

if TYPE_CHECKING:
    from accessplane_client.cli.yaml_files import Source

STDIN = "-"


def apply(
    *,
    files: Annotated[
        list[str],
        typer.Option(
            "--file", "-f", metavar="PATH", help="A file, a directory of them, or - for stdin."
        ),
    ],
    form: FormatOption = Format.text,
) -> None:
    """Apply configuration documents: all of all files, or none.

    Give files that name each other together.
    """
    from accessplane_client.cli.yaml_files import joined  # yaml is slow to import

    sources = [source for name in files for source in _sources(name)]
    text = joined(sources)
    with open_plane() as plane:
        try:
            applied = plane.apply(text)
        except PlaneError:
            _tell_places(sources)
            raise
    for warning in applied.warnings:
        note(f"Warning: {warning}")
    emit(form, applied.document, lambda: _table(applied))


def _sources(name: str) -> "list[Source]":
    from accessplane_client.cli.yaml_files import Source

    if name == STDIN:
        return [Source("stdin", sys.stdin.buffer.read())]
    path = Path(name)
    try:
        files = _yaml_files_under(path) if path.is_dir() else [path]
        return [Source(str(each), each.read_bytes()) for each in files]
    except OSError as error:
        raise PlaneError(f"{error.filename} can't be read: {error.strerror}.") from error


def _yaml_files_under(directory: Path) -> list[Path]:
    found = sorted(
        path
        for path in directory.rglob("*")
        if path.suffix in {".yaml", ".yml"} and path.is_file()
    )
    if not found:
        raise PlaneError(f"There is no .yaml file under {directory}.")
    return found


def _tell_places(sources: "list[Source]") -> None:
    from accessplane_client.cli.yaml_files import places

    if len(sources) > 1:
        note("Documents are counted over all files:")
        for place in places(sources):
            note(f"  {place}")


def _table(applied: Applied) -> str:
    return table(
        ("Kind", "Name", "Result"),
        [(each.kind, each.name, each.result) for each in applied.documents],
    )
