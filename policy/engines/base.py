"""What an engine is asked, and what it may answer."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Annotated, Protocol

import msgspec
from msgspec import Meta

from accessplane.lib.soundness import is_sound
from policy.facts import Facts
from policy.verdicts import (
    KEY_LENGTH,
    LONGEST_REASON,
    MOST_KEYS,
    MOST_VALUES,
    VALUE_LENGTH,
    Effect,
    Verdict,
)
from policy.workflow_spec import WorkflowSpec


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
    spec: WorkflowSpec
    secrets: Sequence[str] = field(repr=False)
    facts: Facts


class Engine(Protocol):
    """Asks a workflow."""

    def ask(self, question: Question, *, patience: timedelta, at: datetime) -> Verdict | None:
        """The verdict, or None if it comes later; raises `EngineFailed`.

        It takes no longer than `patience`, whatever is on the other side.
        """


_Key = Annotated[str, Meta(min_length=1, max_length=KEY_LENGTH)]
_Values = Annotated[
    tuple[Annotated[str, Meta(max_length=VALUE_LENGTH)], ...], Meta(max_length=MOST_VALUES)
]


class _Answer(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    verdict: Effect
    reason: str = ""
    annotations: Annotated[dict[_Key, _Values], Meta(max_length=MOST_KEYS)] = {}


def verdict_from(written: bytes, *, teller: str) -> Verdict:
    """The verdict that a program wrote as JSON; `EngineFailed` for anything else."""
    try:
        answer = msgspec.json.decode(written, type=_Answer)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise EngineFailed(f"{teller} answered something that is no verdict.") from error
    if not (is_sound(answer.reason) and is_sound(answer.annotations)):
        raise EngineFailed(f"{teller} answered with text that cannot be stored.")
    if len(answer.reason.encode()) > LONGEST_REASON:
        raise EngineFailed(f"{teller} gave a reason of more than {LONGEST_REASON} bytes.")
    return Verdict(answer.verdict, answer.reason, answer.annotations)
