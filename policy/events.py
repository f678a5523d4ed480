"""Facts about workflows."""

from dataclasses import dataclass
from typing import Any, ClassVar

from audit.catalogue import Event


@dataclass(frozen=True, kw_only=True)
class WorkflowCreated(Event):
    """A workflow exists; `spec` is its whole document, secrets aside."""

    type: ClassVar[str] = "workflow.created"
    spec: dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class WorkflowUpdated(Event):
    """A workflow says something else from now on; `spec` is its whole document, secrets aside."""

    type: ClassVar[str] = "workflow.updated"
    spec: dict[str, Any]
