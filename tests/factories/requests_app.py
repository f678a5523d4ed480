"""Requests and grants in any state; the traits are the states."""

from datetime import timedelta

import factory

from identity.role_spec import DEFAULT_THRESHOLD
from requests_app import planning, windows
from requests_app.models import AccessRequest, Grant, RequestedRole
from requests_app.planning import Judgement, RoleThresholds
from requests_app.states import GrantState, RequestState
from tests.cast import NOON
from tests.factories.identity import RoleFactory, UserFactory

WEEK = timedelta(days=7)
WORKING_DAY = timedelta(hours=8)


def judgement_of(*thresholds, roles=("dba",)):
    """Any of these thresholds is enough for each of the roles; as it is stored."""
    flat = thresholds or (DEFAULT_THRESHOLD,)
    a_set = tuple(range(len(flat)))
    by_role = tuple(RoleThresholds(role=name, sets=(a_set,)) for name in roles)
    return planning.judgement_as_json(Judgement(thresholds=flat, by_role=by_role))


class AccessRequestFactory(factory.django.DjangoModelFactory):
    """A request for dba, made at noon and pending; one approval or denial decides it."""

    class Meta:
        model = AccessRequest
        skip_postgeneration_save = True

    state = RequestState.PENDING
    requester = factory.SubFactory(UserFactory)
    author = factory.SelfAttribute("requester")
    owner = factory.SelfAttribute("requester.owner")
    roles = factory.List(["dba"])
    judgement = factory.LazyAttribute(lambda request: judgement_of(roles=request.roles))
    created_at = NOON
    pending_expires_at = factory.LazyAttribute(lambda request: request.created_at + WEEK)
    duration = WORKING_DAY
    via = "api"

    class Params:
        approved = factory.Trait(state=RequestState.APPROVED, resolved_at=NOON)
        denied = factory.Trait(state=RequestState.DENIED, resolved_at=NOON)
        expired = factory.Trait(state=RequestState.EXPIRED, resolved_at=NOON)
        cancelled = factory.Trait(state=RequestState.CANCELLED, resolved_at=NOON)

    @factory.post_generation
    def requested_roles(self, create, _, **__):
        RequestedRole.objects.bulk_create(
            [RequestedRole(request=self, name=name) for name in self.roles]
        )


class GrantFactory(factory.django.DjangoModelFactory):
    """Access from noon, for eight hours, through an approved request for that role alone."""

    class Meta:
        model = Grant

    role = factory.SubFactory(RoleFactory)
    user = factory.SubFactory(UserFactory)
    request = factory.SubFactory(
        AccessRequestFactory,
        approved=True,
        requester=factory.SelfAttribute("..user"),
        roles=factory.LazyAttribute(lambda request: [request.factory_parent.role.name]),
    )
    state = GrantState.ACTIVE
    starts_at = NOON
    ends_at = factory.LazyAttribute(lambda grant: grant.starts_at + WORKING_DAY)
    warn_at = factory.LazyAttribute(
        lambda grant: windows.warning_at(grant.starts_at, grant.ends_at)
    )

    class Params:
        scheduled = factory.Trait(
            state=GrantState.SCHEDULED, starts_at=NOON + timedelta(hours=1)
        )
        expired = factory.Trait(state=GrantState.EXPIRED)
        ended = factory.Trait(state=GrantState.ENDED, closed_at=NOON)
        revoked = factory.Trait(
            state=GrantState.REVOKED, closed_at=NOON, closed_reason="no longer needed"
        )
