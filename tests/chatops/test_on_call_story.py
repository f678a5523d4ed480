"""At three in the morning Bob is on call and need not wait; Carol is not, and people decide."""

import pytest

from audit import services as audit
from audit.models import AuditEvent
from policy.verdicts import CheckState
from requests_app.models import AccessRequest
from requests_app.planning import Wish
from requests_app.services import asking
from requests_app.states import RequestState
from reviews.models import Review
from tests import cast, deeds
from tests.chatops.rota import PRIMARY, asks, check_of, lets_in, stage
from tests.reviews.workflows import work
from tests.witness import event_types, nothing_happens

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("everybody")]


@pytest.fixture
def rota(everybody, pager, clock):
    """It is three in the morning."""
    clock.move(hours=15)
    return stage(pager, clock.now)


@pytest.fixture
def round_(clock):
    """What workers do once: ask, and tell what came of it."""

    def once():
        work(clock.now())
        audit.drain(at=clock.now())

    return once


@pytest.fixture
def agreed(alice, ivan, clock):
    """Alice and Ivan approve."""

    def both(request):
        deeds.approve(request, alice, at=clock.now())
        deeds.approve(request, ivan, at=clock.now())

    return both


def ask(who, clock, *roles, **more):
    return deeds.ask(who, *(roles or ("dba",)), at=clock.now(), reason="it burns", **more)


def state(request):
    return AccessRequest.objects.get(pk=request.pk).state


# --- who need not wait --------------------------------------------------------------------------


def test_bob_is_on_call_and_the_bot_approves_within_a_round(rota, bob, clock, round_):
    lets_in()
    rota.takes_over("bob")
    request = ask(bob, clock)

    round_()

    assert state(request) == RequestState.APPROVED
    review = Review.objects.get()
    assert (review.reviewer.email, review.decision) == ("robo@example.com", "APPROVE")
    assert review.reason == (
        f"Bob is on call for {PRIMARY} until Tue 3 Mar 2026, 09:00 UTC (PagerDuty)."
    )
    assert (check_of(request).state, check_of(request).reason) == ("PASSED", review.reason)
    assert deeds.has_access(bob, at=clock.now())
    assert event_types() == [
        "access_request.created",
        "access_request.checked",
        "access_request.reviewed",
        "access_request.approved",
        "grant.started",
    ]
    recorded = AuditEvent.objects.get(type="access_request.reviewed")
    assert (recorded.actor_kind, recorded.actor_name) == ("bot", "robo@example.com")


def test_carol_is_not_and_two_people_decide(rota, bob, carol, alice, ivan, clock, round_):
    lets_in()
    rota.takes_over("bob")
    request = ask(carol, clock)
    round_()

    assert state(request) == RequestState.PENDING
    check = check_of(request)
    assert (check.state, check.reason) == ("SKIPPED", f"Carol is not on call for {PRIMARY}.")
    deeds.approve(request, alice, at=clock.now())
    assert state(request) == RequestState.PENDING
    deeds.approve(request, ivan, at=clock.now())
    assert state(request) == RequestState.APPROVED


def test_whose_shift_is_over_waits_like_everybody(rota, bob, clock, round_):
    lets_in()
    rota.takes_over("bob", hours=1)
    clock.move(hours=1)
    request = ask(bob, clock)

    round_()

    assert (state(request), check_of(request).state) == ("PENDING", CheckState.SKIPPED)


def test_a_threshold_may_want_a_person_besides(rota, bob, alice, clock, round_):
    two = {"roles": ["dba"], "thresholds": [{"approve": 2}]}
    cast.apply(cast.role("developer", allow={"request": two}))
    lets_in()
    rota.takes_over("bob")
    request = ask(bob, clock)
    round_()
    assert state(request) == RequestState.PENDING

    deeds.approve(request, alice, at=clock.now())

    assert state(request) == RequestState.APPROVED


# --- PagerDuty is down --------------------------------------------------------------------------


def down(pager, times=1):
    for _ in range(times):
        pager.will_answer(503)


def test_it_is_asked_again_and_then_counts(rota, bob, clock, round_):
    lets_in()
    rota.takes_over("bob")
    request = ask(bob, clock)
    down(rota.pager)
    round_()
    check = check_of(request)
    assert (check.state, check.problem) == ("PENDING", "PagerDuty answered 503.")

    clock.move(seconds=10)
    round_()

    assert state(request) == RequestState.APPROVED


def test_people_decide_if_it_stays_down(rota, bob, agreed, clock, round_):
    lets_in(timeout="1m")
    rota.takes_over("bob")
    request = ask(bob, clock)
    down(rota.pager)
    round_()
    agreed(request)
    assert state(request) == RequestState.PENDING

    clock.move(minutes=1)
    round_()

    check = check_of(request)
    assert (check.state, check.reason) == ("SKIPPED", "PagerDuty answered 503.")
    assert state(request) == RequestState.APPROVED
    assert not Review.objects.filter(reviewer__email="robo@example.com").exists()


@pytest.mark.parametrize(
    ("on_failure", "becomes", "check"),
    [("deny", "DENIED", "FAILED"), ("hold", "PENDING", "PENDING"), ("", "PENDING", "PENDING")],
)
def test_a_condition_without_an_answer_opens_nothing(
    rota, bob, agreed, clock, round_, on_failure, becomes, check
):
    asks(timeout="1m", on_failure=on_failure)
    rota.takes_over("bob")
    request = ask(bob, clock)
    agreed(request)
    down(rota.pager, times=2)
    round_()
    clock.move(minutes=1)

    round_()

    assert (state(request), check_of(request).state) == (becomes, check)
    assert not deeds.has_access(bob, at=clock.now())


# --- only who is on call ------------------------------------------------------------------------


def test_as_a_condition_it_keeps_out_who_is_not(rota, carol, clock, round_):
    asks()
    request = ask(carol, clock)

    round_()

    request.refresh_from_db()
    assert request.state == RequestState.DENIED
    assert request.resolve_reason == f"Carol is not on call for {PRIMARY}."


def test_as_a_condition_it_approves_nobody(rota, bob, agreed, clock, round_):
    asks()
    rota.takes_over("bob")
    request = ask(bob, clock)
    round_()
    assert (state(request), check_of(request).state) == ("PENDING", CheckState.PASSED)

    agreed(request)

    assert state(request) == RequestState.APPROVED


# --- what being on call now says nothing of -----------------------------------------------------


def test_access_that_begins_later_is_for_people(rota, bob, clock, round_):
    lets_in()
    rota.takes_over("bob")
    request = ask(bob, clock, start_time=deeds.later(of=clock.now(), hours=1))

    round_()

    assert state(request) == RequestState.PENDING
    assert "begins later" in check_of(request).reason
    assert rota.pager.calls == []


def test_a_role_that_is_none_of_its_business_does_not_slip_through(rota, bob, clock, round_):
    lets_in(roles=["staging-*"])
    rota.takes_over("bob")
    request = ask(bob, clock, "staging-web", "dba")

    round_()

    assert (state(request), check_of(request).state) == ("PENDING", CheckState.SKIPPED)
    assert check_of(request).reason == "Being on call is for some of these roles only."


def test_who_was_made_inactive_is_not_on_call_here(rota, bob, clock, round_):
    lets_in()
    rota.takes_over("bob")
    request = ask(bob, clock)
    cast.apply(cast.person("bob", active=False), at=clock.now())

    round_()

    assert state(request) != RequestState.APPROVED
    assert check_of(request).reason == "bob@example.com is not active here."


def test_a_dry_run_asks_nobody(rota, bob, clock):
    lets_in()
    rota.takes_over("bob")

    with nothing_happens():
        draft = asking.draft_request(wish=Wish(roles=("dba",)), author=bob, at=clock.now())
        (planned,) = asking.foreseen(draft, at=clock.now()).checks

    assert (planned.verdict, planned.problem) == (None, "")
    assert rota.pager.calls == []


# --- schedules from an annotation ---------------------------------------------------------------


@pytest.fixture
def named(rota):
    """Each role says by which schedule it may be had at once."""
    search = rota.pager.plan("Search primary")
    terms = {
        "dba": [PRIMARY],
        "staging-web": ["Search primary"],
    }
    roles = [
        cast.role(
            f"may-{name}",
            allow={"request": {"roles": [name], "annotations": {"rota": schedules}}},
        )
        for name, schedules in terms.items()
    ]
    cast.apply(*roles, cast.person("bob", roles=["may-dba", "may-staging-web"]))
    lets_in(schedules_from="rota")
    return search


def test_the_role_says_which_schedule_counts(named, rota, bob, clock, round_):
    rota.takes_over("bob", schedule=named)
    web = ask(bob, clock, "staging-web")
    dba = ask(bob, clock)

    round_()

    assert (state(web), state(dba)) == (RequestState.APPROVED, RequestState.PENDING)
    assert check_of(web).reason.startswith("Bob is on call for Search primary until ")


def test_the_schedule_of_one_role_opens_no_other(named, rota, bob, clock, round_):
    """The annotations of a request are those of all its roles: nobody can tell whose."""
    rota.takes_over("bob", schedule=named)
    request = ask(bob, clock, "staging-web", "dba")

    round_()

    assert (state(request), check_of(request).state) == ("PENDING", CheckState.SKIPPED)
    assert "ask for one role at a time" in check_of(request).reason
    assert rota.pager.calls == []


def test_without_the_annotation_people_decide(rota, bob, clock, round_):
    lets_in(schedules_from="rota")
    rota.takes_over("bob")
    request = ask(bob, clock)

    round_()

    assert (state(request), check_of(request).state) == ("PENDING", CheckState.SKIPPED)
    assert rota.pager.calls == []


def test_an_annotation_that_names_too_much_is_a_failure(rota, bob, clock, round_):
    many = {"rota": [f"schedule {n}" for n in range(21)]}
    terms = {"request": {"roles": ["dba"], "annotations": many}}
    cast.apply(cast.role("developer", allow=terms))
    lets_in(schedules_from="rota")
    request = ask(bob, clock)

    round_()

    assert check_of(request).problem == "The request names more than 20 schedules."


def test_a_request_carries_no_annotation_of_the_requesters_own(rota, bob, as_):
    lets_in(schedules_from="rota")
    body = {"roles": ["dba"], "annotations": {"rota": [PRIMARY]}}

    with nothing_happens():
        assert as_(bob).post("access-requests/", body, format="json").status_code == 400
