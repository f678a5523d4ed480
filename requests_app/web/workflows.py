"""Pages: the workflows, and what each of them said last; for `read` on `workflow`."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from accessplane.lib.errors import NotFound
from accessplane.lib.pages import Page
from identity.selectors import subject_of
from identity.sessions import user_of
from policy import sentences
from policy.models import Workflow
from policy.selectors import workflows_visible_to
from policy.workflow_spec import parse_workflow
from requests_app import page_data, representations, selectors
from requests_app.models import Check

_CHECKS = 20


class Workflows(Page):
    """All workflows."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show them by name."""
        at = timezone.now()
        subject = subject_of(user_of(request), at=at)
        if not subject.may("read", "workflow"):
            raise NotFound(_("There is no such page."))
        workflows = workflows_visible_to(subject).order_by("-active", "name")
        context = page_data.common(subject, at=at) | {
            "workflows": [_told(workflow) for workflow in workflows]
        }
        return render(request, "requests_app/workflows.html", context)


class OneWorkflow(Page):
    """One workflow."""

    def get(self, request: HttpRequest, name: str) -> HttpResponse:
        """Show what it says, and its last checks."""
        at = timezone.now()
        subject = subject_of(user_of(request), at=at)
        workflow = workflows_visible_to(subject).filter(name=name).first()
        if workflow is None:
            raise NotFound(_("There is no such workflow."))
        checks = selectors.latest_checks_of(workflow.pk, subject, _CHECKS)
        context = page_data.common(subject, at=at) | {
            "told": _told(workflow),
            "checks": [_row(check) for check in checks],
        }
        return render(request, "requests_app/workflow_page.html", context)


def _told(workflow: Workflow) -> dict[str, Any]:
    """The workflow in words. Its secrets are no part of the document that is read here."""
    spec = parse_workflow(workflow.spec)
    return {
        "name": workflow.name,
        "title": workflow.labels.get("title") or workflow.name,
        "description": workflow.description,
        "active": workflow.active,
        "roles": [pattern.text for pattern in spec.roles],
        "when": str(spec.when),
        "applies": sentences.applies_to(spec),
        "times": sentences.times_of(spec),
        "asked": sentences.asking(spec),
        "expression": str(spec.expression),
        "patience": sentences.patience(spec),
        "reviews": sentences.reviewing(spec),
    }


def _row(check: Check) -> dict[str, Any]:
    return representations.check_document(check) | {
        "request": check.request_id,
        "requester": check.request.requester.email,
        "roles": check.request.roles,
        "asked_at": check.request.created_at,
    }
