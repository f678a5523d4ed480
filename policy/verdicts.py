"""Pure: what a workflow says of a request, and what its checks come to together (SEMANTICS 6.4)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

LONGEST_REASON = 4096  # bytes, as anybody's reason
# Of annotations: how many keys, how many values of each, and how many characters of either.
MOST_KEYS = 100
KEY_LENGTH = 128
MOST_VALUES = 100
VALUE_LENGTH = 1000


class Effect(StrEnum):
    """What a workflow says."""

    ALLOW = "ALLOW"
    DENY = "DENY"
    ABSTAIN = "ABSTAIN"


class CheckState(StrEnum):
    """What has come of asking a workflow. No answer is not an abstention: it stays pending."""

    PENDING = "PENDING"
    PASSED = "PASSED"
    SKIPPED = "SKIPPED"
    FAILED = "FAILED"


STATE_OF = {
    Effect.ALLOW: CheckState.PASSED,
    Effect.ABSTAIN: CheckState.SKIPPED,
    Effect.DENY: CheckState.FAILED,
}


@dataclass(frozen=True, slots=True)
class Verdict:
    """A workflow's answer and why; the annotations are for whoever reads the log, and go with the
    review of a workflow that reviews."""

    effect: Effect
    reason: str = ""
    annotations: Mapping[str, Sequence[str]] = field(default_factory=dict)


class AccessDenied(Exception):
    """Raised by a workflow's function: the answer is no, and the message says why."""


def combine(states: Iterable[CheckState]) -> CheckState:
    """What the checks of a request come to: a deny wins, and silence is not consent."""
    found = set(states)
    for state in (CheckState.FAILED, CheckState.PENDING):
        if state in found:
            return state
    return CheckState.PASSED
