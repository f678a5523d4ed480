"""REST: workflows (CONTRACT 6)."""

from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accessplane.lib.endpoints import Endpoint, Listing
from accessplane.lib.errors import NotFound
from accessplane.lib.soundness import is_sound
from identity.selectors import subject_of
from identity.sessions import user_of
from policy import selectors
from policy.api import serializers


class Workflows(Listing):
    """The workflows, for people with `read` on `workflow`."""

    ordering = ("name",)

    @extend_schema(responses=serializers.WorkflowDocument(many=True))
    def get(self, request: Request) -> Response:
        """List workflows by name."""
        subject = subject_of(user_of(request), at=timezone.now())
        page = self.paginate_queryset(selectors.workflows_visible_to(subject))
        documents = serializers.WorkflowDocument(page, many=True)
        return self.get_paginated_response(documents.data)


class OneWorkflow(Endpoint):
    """One workflow."""

    @extend_schema(responses=serializers.WorkflowDocument)
    def get(self, request: Request, name: str) -> Response:
        """The workflow of this name."""
        subject = subject_of(user_of(request), at=timezone.now())
        visible = selectors.workflows_visible_to(subject)
        # PostgreSQL is not asked for a name that it could not hold.
        workflow = visible.filter(name=name).first() if is_sound(name) else None
        if workflow is None:
            raise NotFound(_("There is no such workflow."))
        return Response(serializers.WorkflowDocument(workflow).data)
