"""What an engine is asked, and what it may answer."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

import msgspec

from policy.facts import Facts
from policy.verdicts import Effect, Verdict
from policy.workflow_spec import WorkflowSpec

LONGEST_REASON = 4096  # bytes, as anybody's reason


class EngineFailed(Exception):
    """There is no verdict; the sentence says why, to people, and holds no secret."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A workflow, and the request it is asked about.

    `key` is the same whenever the same question is asked again. The secrets are plain text and
    stay in memory.
    """

    key: str
    workflow: str
    description: str
    spec: WorkflowSpec
    secrets: Sequence[str]
    facts: Facts


class Engine(Protocol):
    """Asks a workflow."""

    def ask(self, question: Question, *, patience: timedelta, at: datetime) -> Verdict | None:
        """The verdict, or None if it comes later; raises `EngineFailed`.

        It takes no longer than `patience`, whatever is on the other side.
        """


class _Answer(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    verdict: Effect
    reason: str = ""
    annotations: dict[str, tuple[str, ...]] = {}


def verdict_from(value: bytes | dict[str, Any], *, teller: str) -> Verdict:
    """The verdict that a program wrote as JSON; `EngineFailed` for anything else."""
    try:
        answer = (
            msgspec.json.decode(value, type=_Answer)
            if isinstance(value, bytes)
            else msgspec.convert(value, _Answer)
        )
    except msgspec.MsgspecError as error:
        raise EngineFailed(f"{teller} answered something that is no verdict.") from error
    if len(answer.reason.encode(errors="replace")) > LONGEST_REASON:
        raise EngineFailed(f"{teller} gave a reason of more than {LONGEST_REASON} bytes.")
    return Verdict(answer.verdict, answer.reason, answer.annotations)
