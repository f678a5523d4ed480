"""The process in which a workflow's function runs: `python -m policy.engines.child NAME`.

It reads the facts as JSON and writes the verdict as JSON. It imports nothing of Django.
"""

import importlib
import json
import os
import sys
from collections import defaultdict
from collections.abc import Callable
from typing import Any

from policy.verdicts import Effect


class Request:
    """What a workflow's function gets: the same names as the `req` of the client library."""

    def __init__(self, facts: dict[str, Any]) -> None:
        request, requester = facts["request"], facts["requester"]
        self.id: str | None = request["id"]
        self.user: str = request["user"]
        self.roles: list[str] = request["roles"]
        self.reason: str = request["reason"]
        self.annotations = defaultdict[str, list[str]](list, request["annotations"])
        self.requester_roles: list[str] = requester["roles"]
        self.traits = defaultdict[str, list[str]](list, requester["traits"])
        self.created_at: str = request["created_at"]
        self.start_time: str | None = request["start_time"]
        self.duration_seconds: int = request["duration_seconds"]


def answer_of(function: Callable[[Request], Any], facts: dict[str, Any]) -> dict[str, str]:
    """The verdict of a function: it allows by returning nothing, or returns what it says.

    An exception named `AccessDenied`, ours or the client library's, denies with its message; any
    other is raised.
    """
    try:
        said = function(Request(facts))
    except Exception as refusal:
        if type(refusal).__name__ != "AccessDenied":
            raise
        return {"verdict": Effect.DENY, "reason": str(refusal)}
    if said is None:
        return {"verdict": Effect.ALLOW}
    return {"verdict": Effect(said)}


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
