"""The case files of `cases/`, read into plain values."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

DIRECTORY = Path(__file__).parent / "cases"
APPLY = "/api/v1/apply/"
NOT_YET = {"workflow"}  # kinds of documents that this release does not know


@dataclass(frozen=True)
class Case:
    """One story: the configuration it begins with, and the calls that follow."""

    id: str
    title: str
    file: str
    documents: list[dict[str, Any]]
    steps: list[dict[str, Any]]

    def kinds(self) -> set[str]:
        """The kinds of every document that the story applies, at its beginning or later."""
        applied = [step.get("body") for step in self.steps if step.get("path") == APPLY]
        documents = self.documents + [one for body in applied for one in body or []]
        return {str(document.get("kind")) for document in documents}


def all_cases() -> list[Case]:
    return [
        Case(file=path.name, **entry)
        for path in sorted(DIRECTORY.glob("*.json"))
        for entry in json.loads(path.read_text())
    ]


def playable() -> Iterator[Case]:
    """The cases that speak only of what this release has."""
    return (case for case in all_cases() if not case.kinds() & NOT_YET)


def left_out() -> Iterator[Case]:
    """The cases that wait for a later release."""
    return (case for case in all_cases() if case.kinds() & NOT_YET)
