"""Pure: the workflow document, parsed once into a structure that does not change (CONTRACT 6)."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Annotated, Any, Literal

from msgspec import Meta

from accessplane.lib.errors import InvalidInput
from accessplane.lib.matching import Pattern, any_matches, compile_pattern
from identity import specs
from identity.conditions import When
from identity.specs import Length, Spec
from policy.schedules import Window
from policy.verdicts import KEY_LENGTH

SHORTEST_TIMEOUT = timedelta(seconds=1)

_NAME_LENGTH = 128

MOST_DUTIES = 20
_LONGEST_DUTY = 254
_Names = Annotated[
    tuple[Annotated[str, Meta(min_length=1, max_length=_LONGEST_DUTY)], ...],
    Meta(max_length=MOST_DUTIES),
]

# The fields that say how each engine is asked; it needs the first one.
_OWN_FIELDS = {
    "expression": ("expression",),
    "python": ("callable",),
    "webhook": ("url",),
    "bot": ("bot",),
    "on_call": ("channel", "schedules", "escalation_policies", "levels", "schedules_from"),
}


class WorkflowSpec(Spec, frozen=True):
    """The `spec` of a workflow document, its secret taken out."""

    engine: Literal["expression", "python", "webhook", "bot", "on_call"]
    roles: tuple[Pattern, ...] = (compile_pattern("*"),)
    when: When = When()
    during: tuple[Window, ...] = ()
    active: bool = True
    expression: When = When()
    callable: str = ""
    url: str = ""
    bot: str = ""
    channel: str = ""
    schedules: _Names = ()
    escalation_policies: _Names = ()
    levels: Annotated[int, Meta(ge=1)] | None = None
    schedules_from: Annotated[str, Meta(max_length=KEY_LENGTH)] = ""
    timeout: Length = Length(minutes=5)
    on_failure: Literal["hold", "deny", "abstain", ""] = ""
    review: bool = False

    def __post_init__(self) -> None:
        if not self.roles:
            raise ValueError("a workflow applies to at least one role")
        if self.timeout < SHORTEST_TIMEOUT:
            raise ValueError("an answer may take at least a second")
        if self.on_failure == "abstain" and not self.review:
            raise ValueError("only a workflow that reviews may abstain when it fails")
        if self.review and not self.bot:
            raise ValueError("a workflow that reviews names the `bot` in whose name it does")
        self._check_engine_fields()

    def _check_engine_fields(self) -> None:
        own = _OWN_FIELDS[self.engine][0]
        if not getattr(self, own):
            raise ValueError(f"the engine {self.engine} needs `{own}`")
        for engine, fields in _OWN_FIELDS.items():
            for field in fields:
                if engine != self.engine and field != "bot" and getattr(self, field):
                    raise ValueError(f"`{field}` is for the engine {engine}")
        if self.engine == "on_call":
            self._check_duties()
        if self.bot and not (self.review or self.engine in {"bot", "webhook"}):
            raise ValueError("`bot` is who reports a later verdict, or who reviews")

    def _check_duties(self) -> None:
        named = self.schedules or self.escalation_policies
        if bool(named) == bool(self.schedules_from):
            raise ValueError(
                "the engine on_call needs `schedules` or `escalation_policies`, or else "
                "`schedules_from`, the annotation that names the schedules"
            )
        if self.levels and not self.escalation_policies:
            raise ValueError("`levels` is for `escalation_policies`")

    @property
    def fallback(self) -> str:
        """What a failure means: `hold` unless said, and nothing for one that only reviews."""
        return self.on_failure or ("abstain" if self.review else "hold")

    def concerns(self, roles: Sequence[str]) -> bool:
        """Whether one of these requested roles is the workflow's business."""
        return any(any_matches(self.roles, name) for name in roles)


def parse_workflow(spec: Mapping[str, Any]) -> WorkflowSpec:
    """The workflow of a document's `spec` without its secret; `InvalidInput` ends in the path."""
    return specs.parse(spec, WorkflowSpec)


def check_workflow_name(name: str) -> None:
    """Refuse (`InvalidInput`) what cannot be a workflow's name: it stands in addresses."""
    allowed = name.replace("-", "").replace("_", "").replace(".", "")
    if not (
        allowed.isascii()
        and allowed.isalnum()
        and len(name) <= _NAME_LENGTH
        and name[0].isalnum()
    ):
        raise InvalidInput(
            f"{name[:40]!r} is no workflow name: it begins with a letter or digit, goes on with "
            "letters, digits and . _ -, and has at most 128 characters."
        )
