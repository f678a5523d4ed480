"""REST: channels, routes, and how postings went (CONTRACT 3)."""

from uuid import UUID

from django.http import HttpRequest
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from accessplane.lib.endpoints import Endpoint, Listing
from accessplane.lib.errors import NotFound
from accessplane.lib.inputs import Nothing
from chatops import selectors
from chatops.api import serializers
from chatops.services import channels, delegating, sending
from identity.selectors import subject_of
from identity.sessions import actor_of, user_of


class Channels(Listing):
    """The channels that the caller may see."""

    ordering = ("name",)

    @extend_schema(responses=serializers.ChannelDocument(many=True))
    def get(self, request: Request) -> Response:
        """List channels by name."""
        subject = subject_of(user_of(request), at=timezone.now())
        page = self.paginate_queryset(selectors.channels_visible_to(subject))
        return self.get_paginated_response(serializers.ChannelDocument(page, many=True).data)


class OneChannel(Endpoint):
    """One channel."""

    @extend_schema(responses=serializers.ChannelDocument)
    def get(self, request: Request, name: str) -> Response:
        """The channel of this name."""
        subject = subject_of(user_of(request), at=timezone.now())
        channel = selectors.channels_visible_to(subject).filter(name=name).first()
        if channel is None:
            raise NotFound("There is no such channel.")
        return Response(serializers.ChannelDocument(channel).data)


class Sample(Endpoint):
    """Try a channel."""

    @staticmethod
    def calls_out(request: HttpRequest) -> bool:
        """The sample is sent before the answer."""
        return True

    @extend_schema(request=Nothing, responses={200: serializers.Report})
    def post(self, request: Request, name: str) -> Response:
        """Send a sample event through the channel now, and say how that went."""
        Nothing(data=request.data).is_valid(raise_exception=True)
        at = timezone.now()
        report = channels.send_sample(
            name=name,
            subject=subject_of(user_of(request), at=at),
            by=actor_of(request),
            at=at,
        )
        return Response(serializers.Report(report).data)


class Routes(Listing):
    """The routes that the caller may see."""

    ordering = ("name",)

    @extend_schema(responses=serializers.RouteDocument(many=True))
    def get(self, request: Request) -> Response:
        """List routes by name."""
        subject = subject_of(user_of(request), at=timezone.now())
        page = self.paginate_queryset(selectors.routes_visible_to(subject))
        return self.get_paginated_response(serializers.RouteDocument(page, many=True).data)


class OneRoute(Endpoint):
    """One route."""

    @extend_schema(responses=serializers.RouteDocument)
    def get(self, request: Request, name: str) -> Response:
        """The route of this name."""
        subject = subject_of(user_of(request), at=timezone.now())
        route = selectors.routes_visible_to(subject).filter(name=name).first()
        if route is None:
            raise NotFound("There is no such route.")
        return Response(serializers.RouteDocument(route).data)


class Postings(Listing):
    """The postings that the caller may see."""

    parameters = serializers.PostingFilters
    ordering = ("-created_at", "-id")

    @extend_schema(
        parameters=[serializers.PostingFilters],
        responses=serializers.PostingDocument(many=True),
    )
    def get(self, request: Request) -> Response:
        """List postings, newest first."""
        subject = subject_of(user_of(request), at=timezone.now())
        found = selectors.postings_visible_to(subject).wanted(**self.wanted)
        page = self.paginate_queryset(found)
        return self.get_paginated_response(serializers.PostingDocument(page, many=True).data)


class OnePosting(Endpoint):
    """One posting."""

    @extend_schema(responses=serializers.PostingDocument)
    def get(self, request: Request, posting_id: UUID) -> Response:
        """The posting with this id."""
        subject = subject_of(user_of(request), at=timezone.now())
        posting = selectors.postings_visible_to(subject).filter(pk=posting_id).first()
        if posting is None:
            raise NotFound("There is no such posting.")
        return Response(serializers.PostingDocument(posting).data)


class SendAgain(Endpoint):
    """Have failed news sent again."""

    @extend_schema(request=Nothing, responses={200: serializers.PostingDocument})
    def post(self, request: Request, posting_id: UUID) -> Response:
        """Make a failed posting due again."""
        Nothing(data=request.data).is_valid(raise_exception=True)
        at = timezone.now()
        posting = sending.send_again(
            posting_id=posting_id,
            subject=subject_of(user_of(request), at=at),
            by=actor_of(request),
            at=at,
        )
        return Response(serializers.PostingDocument(posting).data)


class Delegations(Listing):
    """Who is told of reviews instead of the caller."""

    ordering = ("-created_at", "-id")

    @extend_schema(responses=serializers.DelegationDocument(many=True))
    def get(self, request: Request) -> Response:
        """List the caller's delegations that are not over, newest first."""
        found = selectors.delegations_of(user_of(request), at=timezone.now())
        page = self.paginate_queryset(found)
        return self.get_paginated_response(serializers.DelegationDocument(page, many=True).data)

    @extend_schema(
        request=serializers.NewDelegation, responses={201: serializers.DelegationDocument}
    )
    def post(self, request: Request) -> Response:
        """Have somebody else told of what waits for the caller's review."""
        form = serializers.NewDelegation(data=request.data)
        form.is_valid(raise_exception=True)
        made = delegating.delegate(
            user=user_of(request),
            **form.validated_data,
            by=actor_of(request),
            at=timezone.now(),
        )
        return Response(
            serializers.DelegationDocument(made).data, status=status.HTTP_201_CREATED
        )


class OneDelegation(Endpoint):
    """One of the caller's delegations."""

    @extend_schema(responses={200: serializers.DelegationDocument})
    def delete(self, request: Request, delegation_id: UUID) -> Response:
        """Take the delegation back."""
        ended = delegating.end_delegation(
            delegation_id=delegation_id,
            user=user_of(request),
            by=actor_of(request),
            at=timezone.now(),
        )
        return Response(serializers.DelegationDocument(ended).data)
