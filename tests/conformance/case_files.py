"""The case files of `cases/`, read into plain values."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

APPLY = "/api/v1/apply/"
DIRECTORY = Path(__file__).parent / "cases"


@dataclass(frozen=True)
class Case:
    """One story: the configuration it begins with, and the calls that follow."""

    id: str
    title: str
    file: str
    documents: list[dict[str, Any]]
    steps: list[dict[str, Any]]


def all_cases() -> list[Case]:
    return [
        Case(file=path.name, **entry)
        for path in sorted(DIRECTORY.glob("*.json"))
        for entry in json.loads(path.read_text())
    ]
