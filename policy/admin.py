"""The admin of workflows, for security teams."""

from typing import Any

from django.contrib import admin
from django.contrib.admin import display
from django.db.models import QuerySet
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from accessplane.lib.admins import Shown, active_badge, moment_column, preformatted
from accessplane.lib.deeds import Viewing
from identity import documents
from identity.editing import Edit, New
from policy import selectors
from policy.models import Workflow

_NEW = """\
kind: workflow
version: v1
metadata:
  name: the-name-of-the-workflow
  description: What it says when it does not allow something
spec:
  engine: expression
  roles: ["*"]
  expression: request.reason != ""
  active: false
"""


def workflow_text(workflow: Workflow) -> str:
    """The document of a workflow; of a secret only where it comes from."""
    return documents.to_yaml(
        "workflow",
        workflow.name,
        workflow.shown_spec(),
        description=workflow.description,
        labels=workflow.labels,
    )


@admin.register(Workflow)
class Workflows(Shown):
    """Which programs take part in decisions, and what their documents say."""

    kind = "workflow"
    list_display = ("name", "description", "engine", "state", "since")
    list_filter = ("active",)
    search_fields = ("name", "description")
    search_help_text = _("Part of a name or a description")
    ordering = ("name",)
    deeds = (Edit("workflow", text_of=workflow_text, name_of=lambda one: one.name),)
    openings = (New("workflow", begin_with=_NEW, model=Workflow),)
    fieldsets = (
        (None, {"fields": ("name", "description", "engine", "state", "since")}),
        (_("Document"), {"fields": ("document",)}),
    )
    since = moment_column("created_at", _("Since"))

    def seen(self, viewing: Viewing) -> "QuerySet[Workflow]":
        return selectors.workflows_visible_to(viewing.subject)

    @display(description=_("Engine"))
    def engine(self, workflow: Workflow) -> Any:
        return workflow.spec.get("engine", "")

    @display(description=_("State"), ordering="active")
    def state(self, workflow: Workflow) -> SafeString:
        return active_badge(workflow.active)

    @display(description=_("As it would be applied"))
    def document(self, workflow: Workflow) -> SafeString:
        return preformatted(workflow_text(workflow))
