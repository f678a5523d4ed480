"""Which workflows there are, and which of them bind a request."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from accessplane.lib.expressions import ExpressionFailed
from accessplane.lib.prepared import Prepared
from identity.subject import Subject
from policy.facts import Facts
from policy.models import Workflow
from policy.schedules import covered
from policy.workflow_spec import WorkflowSpec, parse_workflow

# By digest: the document, and what it says.
_specs: dict[str, tuple[Mapping[str, Any], WorkflowSpec]] = {}
_SPECS_KEPT = 1000


@dataclass(frozen=True, slots=True)
class Binding:
    """A workflow that binds a request, as it is at this moment; `document` is its `spec` as JSON."""

    workflow_id: UUID
    name: str
    description: str
    document: Mapping[str, Any]
    spec: WorkflowSpec


def binding(facts: Facts, *, at: datetime) -> list[Binding]:
    """The workflows that bind such a request, by name (one statement)."""
    known = [
        Binding(pk, name, description, *_read(name, digest))
        for pk, name, description, digest in _ACTIVE.rows()
    ]
    return [one for one in known if _binds(one.spec, facts, at)]


def workflows_visible_to(subject: Subject) -> "QuerySet[Workflow]":
    """The workflows whose documents the subject may read: all of them, or none."""
    return (
        Workflow.objects.all() if subject.may("read", "workflow") else Workflow.objects.none()
    )


def _active() -> "QuerySet[Workflow, Any]":
    active = Workflow.objects.filter(active=True).order_by("name")
    return active.values_list("pk", "name", "description", "digest")


_ACTIVE = Prepared(_active)


def _read(name: str, digest: str) -> tuple[Mapping[str, Any], WorkflowSpec]:
    """The document and what it says; a digest stands for one content for ever."""
    found = _specs.get(digest)
    if found is None:
        if len(_specs) > _SPECS_KEPT:
            _specs.clear()
        workflow = Workflow.objects.get(name=name)
        found = workflow.spec, parse_workflow(workflow.spec)
        # Under the digest it has now: it may have changed since the pair was read.
        _specs[workflow.digest] = found
    return found


def _binds(spec: WorkflowSpec, facts: Facts, at: datetime) -> bool:
    """Whether a workflow applies; a condition without an answer counts as what opens nothing."""
    if not (spec.concerns(facts.request.roles) and covered(spec.during, at)):
        return False
    try:
        return spec.when.holds(facts.named())
    except ExpressionFailed:
        return not spec.review
