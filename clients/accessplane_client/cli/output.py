"""What goes where: results to stdout, everything that is said beside them to stderr."""

import json
from collections.abc import Callable
from enum import StrEnum
from typing import Any

import typer

from accessplane_client.cli.safe_text import clean, escape_in_json, has_controls


class Format(StrEnum):
    text = "text"
    json = "json"
    yaml = "yaml"


def emit(form: Format, documents: Any, text: Callable[[], str]) -> None:
    """The result: `documents` as the plane sent them, or in words."""
    if form is Format.json:
        typer.echo(escape_in_json(json.dumps(documents, indent=2, ensure_ascii=False)))
    elif form is Format.yaml:
        typer.echo(_yaml(documents), nl=False)
    elif said := text():
        typer.echo(clean(said))


def emit_one_of_many(form: Format, document: Any, text: Callable[[], str]) -> None:
    """One element of an endless result: a line of JSON, a document of YAML, a line of text."""
    if form is Format.json:
        typer.echo(escape_in_json(json.dumps(document, ensure_ascii=False)))
    elif form is Format.yaml:
        typer.echo("---\n" + _yaml(document), nl=False)
    else:
        typer.echo(clean(text()))


def note(text: str) -> None:
    typer.echo(clean(text), err=True)


def _yaml(documents: Any) -> str:
    import yaml  # only here: few commands need it

    said = yaml.safe_dump(documents, sort_keys=False, allow_unicode=True)
    return yaml.safe_dump(documents, sort_keys=False) if has_controls(said) else said
