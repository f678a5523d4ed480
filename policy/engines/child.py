"""The process in which a workflow's function runs: `python -m policy.engines.child NAME`.

It reads the facts as JSON and writes the verdict as JSON. It imports nothing of Django.
"""

import importlib
import json
import os
import sys
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from policy.verdicts import LONGEST_REASON, Effect


class Values(dict[str, list[str]]):
    """Lists by name; a name that is missing has an empty list, as in conditions (SEMANTICS 2)."""

    def __missing__(self, name: str) -> list[str]:
        return []

    def get(self, name: str, default: Any = None) -> Any:
        """Like indexing, unless there is a default."""
        return super().get(name, [] if default is None else default)


class Request:
    """What a workflow's function gets: names and types of the `req` of the client library."""

    def __init__(self, facts: dict[str, Any]) -> None:
        request, requester = facts["request"], facts["requester"]
        self.workflow: str = facts.get("workflow", "")
        self.id: str = request["id"]
        self.user: str = request["user"]
        self.roles: list[str] = request["roles"]
        self.reason: str = request["reason"]
        self.annotations = Values(request["annotations"])
        self.requester_roles: list[str] = requester["roles"]
        self.traits = Values(requester["traits"])
        self.created_at = datetime.fromisoformat(request["created_at"])
        start_time = request["start_time"]
        self.start_time = None if start_time is None else datetime.fromisoformat(start_time)
        self.duration_seconds: int = request["duration_seconds"]
        self.duration = timedelta(seconds=self.duration_seconds)
        self.extends: str | None = request["extends"]
        self.facts = facts


def answer_of(function: Callable[[Request], Any], facts: dict[str, Any]) -> dict[str, Any]:
    """The verdict of a function: it allows by returning nothing, or returns what it says.

    That is a word, or what `allow()`, `deny()` or `abstain()` of the client library give. An
    exception named `AccessDenied`, ours or the client library's or one made of them, denies with
    its message. Any other is raised, and so is a ValueError if it returns something else.
    """
    try:
        said = function(Request(facts))
    except Exception as refusal:
        if not any(kind.__name__ == "AccessDenied" for kind in type(refusal).__mro__):
            raise
        return {"verdict": Effect.DENY, "reason": _kept(str(refusal))}
    if said is None:
        return {"verdict": Effect.ALLOW}
    if isinstance(said, str):
        return {"verdict": Effect(said)}
    return _verdict(said)


def _verdict(said: Any) -> dict[str, Any]:
    """The client library's, known by its fields: the plane does not need the library."""
    try:
        notes = {name: list(values) for name, values in said.annotations.items()}
        reason = _kept(said.reason)
        return {"verdict": Effect(said.verdict), "reason": reason, "annotations": notes}
    except AttributeError as error:
        raise ValueError(f"{type(said).__name__} is no verdict.") from error


def _kept(reason: str) -> str:
    """The reason as far as it can be kept: a refusal must not fail for being too long."""
    message = reason.replace("\0", "").encode(errors="replace")
    return message[:LONGEST_REASON].decode(errors="ignore")


def main() -> None:
    """Answer one question."""
    answer_to = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what the function prints is no verdict
    module, _, name = sys.argv[1].rpartition(".")
    function = getattr(importlib.import_module(module), name)
    with answer_to:
        json.dump(answer_of(function, json.load(sys.stdin)), answer_to)


if __name__ == "__main__":
    main()
