"""Whatever people do, in whatever order, and however the clock runs: what never happens."""

from contextlib import suppress
from datetime import timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from accessplane.lib.errors import DomainError
from audit import services as audit
from identity.specs import LONGEST
from requests_app.models import AccessRequest, Grant
from requests_app.services import reading, timekeeping
from requests_app.states import (
    GrantState,
    RequestState,
    can_move_grant,
    can_move_request,
)
from tests import cast, deeds

ASKERS = ["bob", "robot", "mallory"]
REVIEWERS = ["alice", "ivan", "bob", "mallory"]
EVERYBODY = ["bob", "robot", "alice", "ivan", "dana", "mallory"]
ROLES = ["dba", "staging-db"]
SMALL_STEPS = st.sampled_from([1, 60, 15 * 60, 3600, 8 * 3600, 24 * 3600, 7 * 24 * 3600])


def is_way(before, after):
    """One move of a grant, or two that nobody saw apart."""
    return can_move_grant(before, after) or any(
        can_move_grant(before, between) and can_move_grant(between, after)
        for between in GrantState
    )


class _UndoneAfterwards:
    """A transaction around each run, rolled back in the end: the next one begins afresh."""

    def __init__(self) -> None:
        super().__init__()
        self._transaction = transaction.atomic()
        self._transaction.__enter__()

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self._transaction.__exit__(None, None, None)


class Plane(_UndoneAfterwards, RuleBasedStateMachine):
    """The use cases of requests and grants; a refusal is an answer like any other."""

    def __init__(self) -> None:
        super().__init__()
        cast.enter()
        self.people = {name: cast.called(name) for name in EVERYBODY}
        self.now = cast.NOON
        self.request_states = {}
        self.grant_states = {}

    # --- what people do -------------------------------------------------------------------------

    @rule(
        who=st.sampled_from(ASKERS),
        roles=st.lists(st.sampled_from(ROLES), min_size=1, max_size=2, unique=True),
        duration=st.none() | st.sampled_from([600, 3600, 20 * 3600]),
        pending_ttl=st.none() | st.sampled_from([600, 24 * 3600]),
        start=st.none() | st.sampled_from([0, 3600, 6 * 24 * 3600]),
    )
    def ask(self, who, roles, duration, pending_ttl, start):
        self.attempt(
            deeds.ask,
            self.people[who],
            *roles,
            at=self.now,
            duration=duration and timedelta(seconds=duration),
            pending_ttl=pending_ttl and timedelta(seconds=pending_ttl),
            start_time=None if start is None else self.now + timedelta(seconds=start),
        )

    @precondition(lambda self: self.request_states)
    @rule(data=st.data(), who=st.sampled_from(REVIEWERS), start=st.none() | st.just(7200))
    def approve(self, data, who, start):
        start_time = start and self.now + timedelta(seconds=start)
        self.to_a_request(data, deeds.approve, self.people[who], start_time=start_time)

    @precondition(lambda self: self.request_states)
    @rule(data=st.data())
    def approve_by_all(self, data):
        self.all_approve(self.a_request(data))

    @precondition(lambda self: self.request_states)
    @rule(
        data=st.data(),
        who=st.sampled_from(REVIEWERS),
        say=st.sampled_from([deeds.deny, deeds.comment]),
    )
    def deny_or_remark(self, data, who, say):
        self.to_a_request(data, say, self.people[who])

    @precondition(lambda self: self.request_states)
    @rule(data=st.data(), who=st.sampled_from(EVERYBODY))
    def cancel(self, data, who):
        self.to_a_request(data, deeds.cancel, self.people[who])

    @precondition(lambda self: self.request_states)
    @rule(
        data=st.data(),
        who=st.sampled_from(["dana", "alice", "bob"]),
        to=st.sampled_from(["APPROVED", "DENIED"]),
    )
    def force(self, data, who, to):
        self.to_a_request(data, deeds.force, self.people[who], to)

    @precondition(lambda self: self.grant_states)
    @rule(data=st.data(), who=st.sampled_from(EVERYBODY))
    def end(self, data, who):
        self.to_a_grant(data, deeds.end, self.people[who])

    @precondition(lambda self: self.grant_states)
    @rule(data=st.data(), who=st.sampled_from(EVERYBODY))
    def revoke(self, data, who):
        self.to_a_grant(data, deeds.revoke, self.people[who])

    @precondition(lambda self: self.grant_states)
    @rule(data=st.data(), approved=st.booleans())
    def extend(self, data, approved):
        grant = self.a_grant(data)
        extension = self.attempt(deeds.extend, grant, grant.user, at=self.now)
        if extension and approved:
            self.all_approve(extension)

    @rule(start=st.none() | st.just(3600))
    def bob_is_granted_dba(self, start):
        """Without this short cut few stories would come as far as access."""
        start_time = start and self.now + timedelta(seconds=start)
        bob = self.people["bob"]
        request = self.attempt(deeds.ask, bob, "dba", at=self.now, start_time=start_time)
        if request:
            self.all_approve(request)

    # --- what time and administrators do --------------------------------------------------------

    @rule(seconds=SMALL_STEPS)
    def time_passes(self, seconds):
        self.now += timedelta(seconds=seconds)

    @rule()
    def the_job_runs(self):
        timekeeping.keep_time(at=self.now)

    @rule(roles=st.sampled_from([["developer", "engineering"], ["engineering"], []]))
    def bob_changes_jobs(self, roles):
        cast.apply(cast.person("bob", roles=roles), at=self.now)

    # --- what never happens ---------------------------------------------------------------------

    @invariant()
    def there_is_no_access_without_a_grant_in_force(self):
        for name in ("bob", "robot"):
            for role in ROLES:
                held = deeds.has_access(self.people[name], role, at=self.now)
                grants = Grant.objects.filter(
                    user__email=f"{name}@example.com", role__name=role
                )
                assert held == any(
                    grant.starts_at <= self.now < grant.ends_at
                    and grant.closed_at is None
                    and grant.state == GrantState.ACTIVE
                    for grant in grants
                )

    @invariant()
    def there_is_no_grant_without_an_approved_request(self):
        for grant in Grant.objects.select_related("request", "role"):
            assert grant.request.state == RequestState.APPROVED
            assert grant.role.name in grant.request.roles
            assert grant.user_id == grant.request.requester_id
            assert grant.starts_at >= grant.request.resolved_at

    @invariant()
    def there_is_one_grant_for_each_requested_role_unless_the_request_extends_one(self):
        for request in AccessRequest.objects.filter(state=RequestState.APPROVED):
            names = sorted(request.grants.values_list("role__name", flat=True))
            assert names == ([] if request.extends_id else request.roles)

    @invariant()
    def nobody_decides_alone_about_dba(self):
        approved = AccessRequest.objects.filter(state=RequestState.APPROVED, forced=False)
        for request in approved.for_role("dba"):
            reviewers = request.reviews.filter(decision="APPROVE").values("reviewer").distinct()
            assert reviewers.count() >= 2
            assert not request.reviews.filter(
                reviewer__in=[request.requester_id, request.owner_id], decision="APPROVE"
            ).exists()

    @invariant()
    def states_move_along_the_table(self):
        for request in AccessRequest.objects.select_related("extends"):
            before = self.request_states.get(request.pk, RequestState.PENDING)
            after = request.state_at(self.now)
            assert before == after or can_move_request(before, after)
            self.request_states[request.pk] = after
        as_doors_do = reading.settled_grants(lambda: list(Grant.objects.all()), at=self.now)
        for grant in as_doors_do:
            after = grant.state_at(self.now)
            before = self.grant_states.get(grant.pk, after)
            assert before == after or is_way(before, after)
            self.grant_states[grant.pk] = after

    @invariant()
    def no_access_is_longer_than_the_longest_limit_it_was_approved_under(self):
        for grant in Grant.objects.select_related("request"):
            extensions = grant.extensions.filter(state=RequestState.APPROVED)
            limits = [one.limit or LONGEST for one in (grant.request, *extensions)]
            assert grant.ends_at <= grant.starts_at + max(limits)

    @invariant()
    def the_log_holds(self):
        audit.drain(at=self.now)
        assert audit.first_bad_entry() is None

    # --- stage hands ----------------------------------------------------------------------------

    def attempt(self, deed, *args, **kwargs):
        """A refusal leaves everything as it was: the use case has rolled its work back."""
        with suppress(DomainError):
            return deed(*args, **kwargs)

    def all_approve(self, request):
        for who in ("alice", "ivan"):
            self.attempt(deeds.approve, request, self.people[who], at=self.now)

    def to_a_request(self, data, deed, *args, **kwargs):
        self.attempt(deed, self.a_request(data), *args, at=self.now, **kwargs)

    def to_a_grant(self, data, deed, *args):
        self.attempt(deed, self.a_grant(data), *args, at=self.now)

    def a_request(self, data):
        """Rather one of the last."""
        ids = sorted(self.request_states, reverse=True)
        return AccessRequest.objects.get(pk=data.draw(st.sampled_from(ids)))

    def a_grant(self, data):
        ids = sorted(self.grant_states, reverse=True)
        found = Grant.objects.select_related("user", "role")
        return found.get(pk=data.draw(st.sampled_from(ids)))


@pytest.mark.django_db
class TestPlane(Plane.TestCase):
    settings = settings(
        max_examples=12,
        stateful_step_count=25,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.generate],  # shortening a story takes minutes: add Phase.shrink for one
        suppress_health_check=list(HealthCheck),
    )
