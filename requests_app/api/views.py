"""REST: access requests, grants, and the access check (CONTRACT 3)."""

import json
from uuid import UUID

from django.http import HttpRequest
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from accessplane.lib.endpoints import Endpoint, Listing
from identity.models import Role
from identity.selectors import requestable_names, subject_of
from identity.sessions import actor_of, user_of
from requests_app import explanations, representations
from requests_app.api import filters, serializers
from requests_app.planning import Wish
from requests_app.reviewers import reviewer_names
from requests_app.services import asking, explaining, granting, reading, timekeeping


class AccessRequests(Listing):
    """All requests that the caller may see; a new one."""

    parameters = serializers.RequestFilters
    ordering = ("-created_at", "-id")

    @staticmethod
    def calls_out(request: HttpRequest) -> bool:
        """A dry run waits for the operator's functions, and holds no transaction meanwhile."""
        try:
            body = json.loads(request.body)
        except (ValueError, RecursionError):
            return False
        return isinstance(body, dict) and body.get("dry_run") is True

    @extend_schema(
        parameters=[serializers.RequestFilters],
        responses=representations.RequestRow(many=True),
    )
    def get(self, request: Request) -> Response:
        """List requests, newest first."""
        at = timezone.now()
        subject = subject_of(user_of(request), at=at)
        rows = filters.requests(subject, self.wanted, at=at).values("pk", "created_at")
        page = self.paginate_queryset(rows) or []
        found = reading.settled_requests([row["pk"] for row in page], at=at)
        return self.get_paginated_response(representations.request_rows(found, at=at))

    @extend_schema(
        request=serializers.NewRequest,
        responses={201: representations.RequestDocument, 200: serializers.DryRun},
    )
    def post(self, request: Request) -> Response:
        """Ask for roles, or with `dry_run` see what asking would come to."""
        form = serializers.NewRequest(data=request.data)
        form.is_valid(raise_exception=True)
        asked = form.validated_data
        author, at = user_of(request), timezone.now()
        if asked["dry_run"]:
            draft = asking.draft_request(
                wish=form.wish(),
                author=author,
                for_user=asked["for_user"],
                extends=asked["extends"],
                at=at,
            )
            draft = asking.foreseen(draft, at=at)
            return Response({"plan": representations.PlanDocument(draft).data})
        made, draft = asking.create_request(
            wish=form.wish(),
            author=author,
            for_user=asked["for_user"],
            extends=asked["extends"],
            by=actor_of(request),
            at=at,
        )
        document = representations.request_document(made, draft.possible_reviewers, at=at)
        return Response(document, status=status.HTTP_201_CREATED)


class Explanation(Endpoint):
    """The answer to "why can't I?"."""

    parameters = serializers.Question

    @extend_schema(
        parameters=[serializers.Question], responses=explanations.ExplanationDocument
    )
    def get(self, request: Request) -> Response:
        """Who would have to agree to a request, and why it would be refused; makes nothing."""
        question = self.wanted
        explanation = explaining.explain_request(
            wish=Wish(
                roles=tuple(question["role"]),
                reason=question["reason"],
                duration=question["duration"],
            ),
            about=question["user"],
            caller=user_of(request),
            at=timezone.now(),
        )
        return Response(explanations.explanation_document(explanation))


class OneAccessRequest(Endpoint):
    """One request."""

    @extend_schema(responses=representations.RequestDocument)
    def get(self, request: Request, request_id: UUID) -> Response:
        """The request with its reviews, checks and grants, and who may review it."""
        at = timezone.now()
        found = reading.request_seen_by(user_of(request), request_id, at=at)
        reviewers = reviewer_names(found)
        return Response(representations.request_document(found, reviewers, at=at))


class Cancellation(Endpoint):
    """The requester takes a request back."""

    @extend_schema(request=serializers.Reason, responses=representations.RequestDocument)
    def post(self, request: Request, request_id: UUID) -> Response:
        """Cancel a pending request of one's own."""
        form = serializers.Reason(data=request.data)
        form.is_valid(raise_exception=True)
        at = timezone.now()
        asking.cancel_request(
            request_id=request_id,
            user=user_of(request),
            reason=form.validated_data["reason"],
            by=actor_of(request),
            at=at,
        )
        return Response(representations.document_of(request_id, at=at))


class Grants(Listing):
    """All grants that the caller may see."""

    parameters = serializers.GrantFilters
    ordering = ("-starts_at", "-id")

    @extend_schema(
        parameters=[serializers.GrantFilters],
        responses=representations.GrantDocument(many=True),
    )
    def get(self, request: Request) -> Response:
        """List grants, the latest start first."""
        at = timezone.now()
        timekeeping.start_due(at=at)  # the filters look at stored states
        subject = subject_of(user_of(request), at=at)
        rows = filters.grants(subject, self.wanted, at=at).select_related("user", "role")
        page = self.paginate_queryset(rows) or []
        documents = representations.GrantDocument(page, many=True, context={"at": at})
        return self.get_paginated_response(documents.data)


class OneGrant(Endpoint):
    """One grant."""

    @extend_schema(responses=representations.GrantDocument)
    def get(self, request: Request, grant_id: UUID) -> Response:
        """The grant as it is at this moment."""
        at = timezone.now()
        grant = reading.grant_seen_by(user_of(request), grant_id, at=at)
        return Response(representations.GrantDocument(grant, context={"at": at}).data)


class EndOfGrant(Endpoint):
    """The holder gives access back."""

    @extend_schema(request=serializers.Reason, responses=representations.GrantDocument)
    def post(self, request: Request, grant_id: UUID) -> Response:
        """End a grant of one's own; ending it twice changes nothing."""
        form = serializers.Reason(data=request.data)
        form.is_valid(raise_exception=True)
        at = timezone.now()
        grant = granting.end_grant(
            grant_id=grant_id,
            user=user_of(request),
            reason=form.validated_data["reason"],
            by=actor_of(request),
            at=at,
        )
        return Response(representations.GrantDocument(grant, context={"at": at}).data)


class Revocation(Endpoint):
    """Somebody takes access away."""

    @extend_schema(request=serializers.Reason, responses=representations.GrantDocument)
    def post(self, request: Request, grant_id: UUID) -> Response:
        """Revoke a grant, with a reason."""
        form = serializers.Reason(data=request.data)
        form.is_valid(raise_exception=True)
        at = timezone.now()
        grant = granting.revoke_grant(
            grant_id=grant_id,
            user=user_of(request),
            reason=form.validated_data["reason"],
            by=actor_of(request),
            at=at,
        )
        return Response(representations.GrantDocument(grant, context={"at": at}).data)


class RequestableRoles(Listing):
    """The roles that the caller may ask for."""

    ordering = ("name",)

    @extend_schema(responses=serializers.RequestableRole(many=True))
    def get(self, request: Request) -> Response:
        """List requestable roles by name, with the terms of asking for each."""
        subject = subject_of(user_of(request), at=timezone.now())
        roles = Role.objects.filter(name__in=requestable_names(subject))
        page = self.paginate_queryset(roles) or []
        offers = asking.offers(subject, page)
        documents = serializers.RequestableRole(offers, many=True)
        return self.get_paginated_response(documents.data)


class AccessCheck(Endpoint):
    """The question that gateways ask."""

    parameters = serializers.AccessQuestion

    @extend_schema(parameters=[serializers.AccessQuestion], responses=serializers.Access)
    def get(self, request: Request) -> Response:
        """Whether a user holds a role at this moment, through what, and until when."""
        question = self.wanted
        caller = user_of(request)
        access = granting.access_of(
            email=question.get("user", caller.email),
            role=question["role"],
            caller=caller,
            at=timezone.now(),
        )
        return Response(serializers.Access(access).data)
