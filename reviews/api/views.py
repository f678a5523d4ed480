"""REST: reviews under a request, and its resolution by force (CONTRACT 3)."""

from uuid import UUID

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from accessplane.lib.endpoints import Endpoint
from identity.sessions import actor_of, user_of
from requests_app import representations
from requests_app.reviewers import reviewer_names
from requests_app.states import RequestState
from reviews.api import serializers
from reviews.services import checking, reviewing
from reviews.thresholds import Decision


class Reviews(Endpoint):
    """The reviews of one request."""

    @extend_schema(request=serializers.NewReview, responses={201: serializers.Reviewed})
    def post(self, request: Request, request_id: UUID) -> Response:
        """Approve, deny, or comment on a request."""
        form = serializers.NewReview(data=request.data)
        form.is_valid(raise_exception=True)
        said = form.validated_data
        at = timezone.now()
        review = reviewing.submit_review(
            request_id=request_id,
            reviewer=user_of(request),
            decision=Decision(said["decision"]),
            reason=said["reason"],
            start_time=said["start_time"],
            annotations=said["annotations"],
            by=actor_of(request),
            at=at,
        )
        answer = {
            "review": representations.review_document(review),
            "request": representations.request_document(
                review.request, reviewer_names(review.request), at=at
            ),
        }
        return Response(answer, status=status.HTTP_201_CREATED)


class OneCheck(Endpoint):
    """The check of one workflow, for the bot that it names."""

    @extend_schema(responses=serializers.CheckDocument)
    def get(self, request: Request, request_id: UUID, workflow: str) -> Response:
        """What the workflow is asked, and the facts that it may judge by."""
        check, facts = checking.question_for(
            request_id=request_id,
            workflow=workflow,
            bot=user_of(request),
            at=timezone.now(),
        )
        return Response(representations.check_document(check) | {"facts": facts.document()})

    @extend_schema(request=serializers.NewVerdict, responses=representations.RequestDocument)
    def post(self, request: Request, request_id: UUID, workflow: str) -> Response:
        """Report the verdict; the same one again changes nothing."""
        form = serializers.NewVerdict(data=request.data)
        form.is_valid(raise_exception=True)
        at = timezone.now()
        checking.report_verdict(
            request_id=request_id,
            workflow=workflow,
            bot=user_of(request),
            verdict=form.said(),
            by=actor_of(request),
            at=at,
        )
        return Response(representations.document_of(request_id, at=at))


class Resolution(Endpoint):
    """The resolution of a request by force."""

    @extend_schema(request=serializers.Resolution, responses=representations.RequestDocument)
    def post(self, request: Request, request_id: UUID) -> Response:
        """Resolve a pending request without its thresholds."""
        form = serializers.Resolution(data=request.data)
        form.is_valid(raise_exception=True)
        said = form.validated_data
        at = timezone.now()
        reviewing.force_resolution(
            request_id=request_id,
            user=user_of(request),
            state=RequestState(said["state"]),
            reason=said["reason"],
            start_time=said["start_time"],
            by=actor_of(request),
            at=at,
        )
        return Response(representations.document_of(request_id, at=at))
