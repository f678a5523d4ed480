"""REST: users, roles, tokens, configuration (CONTRACT 3)."""

from uuid import UUID

from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.parsers import BaseParser
from rest_framework.request import Request
from rest_framework.response import Response

from accessplane.lib.endpoints import Endpoint, Listing
from accessplane.lib.errors import NotFound
from accessplane.lib.inputs import Nothing
from identity import documents, selectors
from identity.api import parsers, serializers
from identity.models import RoleAssignment, User
from identity.proving import check_proved_lately
from identity.selectors import subject_of
from identity.services import configuration, invitations, tokens
from identity.sessions import actor_of, end_of_token, user_of
from identity.subject import Subject
from identity.user_spec import normalised_email


class Users(Listing):
    """The users that the caller may see."""

    ordering = ("email",)

    @extend_schema(responses=serializers.UserDocument(many=True))
    def get(self, request: Request) -> Response:
        """List users by address."""
        subject = subject_of(user_of(request), at=timezone.now())
        page = self.paginate_queryset(_with_roles(selectors.users_visible_to(subject)))
        return self.get_paginated_response(serializers.UserDocument(page, many=True).data)


class OneUser(Endpoint):
    """One user."""

    @extend_schema(responses=serializers.UserDocument)
    def get(self, request: Request, email: str) -> Response:
        """The user of this address."""
        subject = subject_of(user_of(request), at=timezone.now())
        return Response(serializers.UserDocument(_visible(subject, email)).data)


class Invitation(Endpoint):
    """The link with which a user sets a first password."""

    @staticmethod
    def calls_out(request: HttpRequest) -> bool:
        """The mail is handed over before the answer."""
        return True

    @extend_schema(request=Nothing, responses={201: serializers.InvitationDocument})
    def post(self, request: Request, email: str) -> Response:
        """Mail the user a new one; one of before opens nothing more."""
        Nothing(data=request.data).is_valid(raise_exception=True)
        at = timezone.now()
        subject = subject_of(user_of(request), at=at)
        invitation = invitations.invite(
            user_id=_visible(subject, email).pk, subject=subject, by=actor_of(request), at=at
        )
        document = serializers.InvitationDocument(invitation).data
        return Response(document, status=status.HTTP_201_CREATED)


class Me(Endpoint):
    """The caller."""

    @extend_schema(responses=serializers.UserDocument)
    def get(self, request: Request) -> Response:
        """Who the caller is."""
        user = _with_roles(User.objects.all()).get(pk=user_of(request).pk)
        return Response(serializers.UserDocument(user).data)


class Roles(Listing):
    """The roles that the caller may see."""

    ordering = ("name",)

    @extend_schema(responses=serializers.RoleDocument(many=True))
    def get(self, request: Request) -> Response:
        """List roles by name."""
        subject = subject_of(user_of(request), at=timezone.now())
        page = self.paginate_queryset(selectors.roles_visible_to(subject))
        return self.get_paginated_response(serializers.RoleDocument(page, many=True).data)


class OneRole(Endpoint):
    """One role."""

    @extend_schema(responses=serializers.RoleDocument)
    def get(self, request: Request, name: str) -> Response:
        """The role of this name."""
        subject = subject_of(user_of(request), at=timezone.now())
        role = selectors.roles_visible_to(subject).filter(name=name).first()
        if role is None:
            raise NotFound(_("There is no such role."))
        return Response(serializers.RoleDocument(role).data)


class Tokens(Listing):
    """The caller's own tokens."""

    ordering = ("-created_at", "-id")

    @extend_schema(responses=serializers.TokenDocument(many=True))
    def get(self, request: Request) -> Response:
        """List the caller's tokens, newest first."""
        subject = subject_of(user_of(request), at=timezone.now())
        page = self.paginate_queryset(selectors.tokens_of(subject).filter(revoked_at=None))
        return self.get_paginated_response(serializers.TokenDocument(page, many=True).data)

    @extend_schema(request=serializers.NewToken, responses={201: serializers.CreatedToken})
    def post(self, request: Request) -> Response:
        """Make a token; it does not outlast the one it is asked for with.

        With the session of the pages instead of a token, the person has proved a moment ago who
        it is (`proof_needed`).
        """
        check_proved_lately(request)
        form = serializers.NewToken(data=request.data)
        form.is_valid(raise_exception=True)
        token, secret = tokens.create_token(
            user=user_of(request),
            name=form.validated_data["name"],
            ttl=form.validated_data["ttl"],
            not_after=end_of_token(request),
            by=actor_of(request),
            at=timezone.now(),
        )
        document = serializers.CreatedToken(token, context={"secret": secret}).data
        return Response(document, status=status.HTTP_201_CREATED)


class OneToken(Endpoint):
    """One of the caller's tokens."""

    @extend_schema(responses={200: serializers.TokenDocument})
    def delete(self, request: Request, token_id: UUID) -> Response:
        """Revoke the token."""
        token = tokens.revoke_token(
            token_id=token_id, user=user_of(request), by=actor_of(request), at=timezone.now()
        )
        return Response(serializers.TokenDocument(token).data)


class Apply(Endpoint):
    """Configuration, applied from documents."""

    parser_classes: list[type[BaseParser]] = [
        *Endpoint.parser_classes,
        parsers.YAML,
    ]

    @extend_schema(
        request={
            "application/json": serializers.ConfigurationDocument(many=True),
            "application/yaml": str,
        },
        responses=serializers.Applied,
    )
    def post(self, request: Request) -> Response:
        """Apply all documents, or none."""
        at = timezone.now()
        given = request.data
        if not isinstance(given, list) or not all(
            isinstance(item, documents.Document) for item in given
        ):
            given = documents.from_values(given, source=parsers.SOURCE)
        outcomes = configuration.apply_documents(
            given, by=actor_of(request), may=subject_of(user_of(request), at=at).may, at=at
        )
        warnings = [warning for outcome in outcomes for warning in outcome.warnings]
        applied = serializers.AppliedDocument(outcomes, many=True).data
        return Response({"documents": applied, "warnings": warnings})


def _visible(subject: Subject, email: str) -> User:
    visible = _with_roles(selectors.users_visible_to(subject))
    user = visible.filter(email=normalised_email(email)).first()
    if user is None:
        raise NotFound("There is no such user.")
    return user


def _with_roles(users: "QuerySet[User]") -> "QuerySet[User]":
    held = RoleAssignment.objects.select_related("role").order_by("position")
    return users.select_related("owner").prefetch_related(Prefetch("assignments", held))
