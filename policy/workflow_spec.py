"""Pure: the workflow document, parsed once into a structure that does not change (CONTRACT 6)."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, Literal

from accessplane.lib.errors import InvalidInput
from accessplane.lib.matching import Pattern, any_matches, compile_pattern
from identity import specs
from identity.conditions import When
from identity.specs import Length, Spec
from policy.schedules import Window

SHORTEST_TIMEOUT = timedelta(seconds=1)

_NAME_LENGTH = 128

# The field that says how each engine is asked.
_OWN_FIELD = {
    "expression": "expression", "python": "callable", "webhook": "url", "bot": "bot",
}  # fmt: skip


class WorkflowSpec(Spec, frozen=True):
    """The `spec` of a workflow document, its secret taken out."""

    engine: Literal["expression", "python", "webhook", "bot"]
    roles: tuple[Pattern, ...] = (compile_pattern("*"),)
    when: When = When()
    during: tuple[Window, ...] = ()
    active: bool = True
    expression: When = When()
    callable: str = ""
    url: str = ""
    bot: str = ""
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
        own = _OWN_FIELD[self.engine]
        if not getattr(self, own):
            raise ValueError(f"the engine {self.engine} needs `{own}`")
        for engine, field in _OWN_FIELD.items():
            if engine != self.engine and field != "bot" and getattr(self, field):
                raise ValueError(f"`{field}` is for the engine {engine}")
        if self.bot and not (self.review or self.engine in {"bot", "webhook"}):
            raise ValueError("`bot` is who reports a later verdict, or who reviews")

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
