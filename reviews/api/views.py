"""REST: reviews under a request, and its resolution by force (CONTRACT 3)."""

from uuid import UUID

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from accessplane.lib.endpoints import Endpoint
from identity.sessions import actor_of, user_of
from requests_app import representations, selectors
from requests_app.states import RequestState
from reviews import services
from reviews.api import serializers
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
        review = services.submit_review(
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
                review.request, selectors.reviewer_names(review.request), at=at
            ),
        }
        return Response(answer, status=status.HTTP_201_CREATED)


class Resolution(Endpoint):
    """The resolution of a request by force."""

    @extend_schema(request=serializers.Resolution, responses=representations.RequestDocument)
    def post(self, request: Request, request_id: UUID) -> Response:
        """Resolve a pending request without its thresholds."""
        form = serializers.Resolution(data=request.data)
        form.is_valid(raise_exception=True)
        said = form.validated_data
        at = timezone.now()
        services.force_resolution(
            request_id=request_id,
            user=user_of(request),
            state=RequestState(said["state"]),
            reason=said["reason"],
            start_time=said["start_time"],
            by=actor_of(request),
            at=at,
        )
        return Response(representations.document_of(request_id, at=at))
