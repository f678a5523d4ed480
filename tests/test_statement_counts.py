"""How many SQL statements a call takes, all told: the token, the transaction, the answer.

The budgets hold whatever stands in the tables: each call is counted in a small plane and in one
with ten times the rows, and takes the same.
"""

from contextlib import contextmanager

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from audit import services
from identity.models import User
from requests_app.models import AccessRequest
from tests.cast import apply, person, role
from tests.deeds import approve, ask
from tests.factories.identity import RoleFactory, UserFactory
from tests.factories.requests_app import AccessRequestFactory, GrantFactory
from tests.factories.reviews import ReviewFactory

pytestmark = pytest.mark.django_db

REQUESTS = "access-requests/"
APPROVAL = {"decision": "APPROVE", "reason": "fine"}
TWO = ["app-1", "app-2"]
SIX = [f"app-{number}" for number in range(1, 7)]


@pytest.fixture
def plane(bob, alice, ivan):
    """Bob asks for app-*, and one approval is enough; everybody's reviewers are many."""
    apply(
        *[role(name) for name in SIX],
        role(
            "asker",
            allow={
                "request": {
                    "roles": ["app-*", "dba"],
                    "suggested_reviewers": ["alice@example.com", "ivan@example.com"],
                }
            },
        ),
        role("judge", allow={"review_requests": {"roles": ["app-*", "dba"]}}),
        person("bob", roles=["asker"], traits={"team": ["payments"]}),
        person("alice", roles=["judge"]),
    )


def fill(times):
    """So many more people, roles, requests with their reviews, grants, and reviewers."""
    judges = RoleFactory.create_batch(
        times, spec={"allow": {"review_requests": {"roles": ["app-*"]}}}
    )
    bob, dba = User.objects.get(email="bob@example.com"), RoleFactory()
    UserFactory.create_batch(2 * times, holding=judges[:3])
    for _ in range(5 * times):
        request = AccessRequestFactory(requester=bob, roles=["app-1"])
        ReviewFactory(request=request, comment=True)
        ReviewFactory(request=request)
        GrantFactory(user=bob, role=dba)
        GrantFactory()


class Counts:
    """Statements by the name of the call that took them."""

    def __init__(self):
        self.of = {}
        self.statements = {}

    @contextmanager
    def count(self, name):
        with CaptureQueriesContext(connection) as captured:
            yield
        self.of[name] = len(captured)
        self.statements[name] = [query["sql"] for query in captured]

    def check(self, budget):
        """Nothing takes more than its budget, or more than it did with fewer rows or roles."""
        for name, most in budget.items():
            taken = {key: n for key, n in self.of.items() if key.startswith(name)}
            assert taken, name
            listing = "\n".join(self.statements[max(taken, key=taken.get)])
            assert max(taken.values()) <= most, f"{taken}\n{listing}"
            assert len(set(taken.values())) == 1, f"{taken}\n{listing}"


@pytest.fixture
def calls(plane, as_, bob, alice, auditor):
    """Makes every call once, in a plane whose role documents have been read before."""
    at_the_door = {who: as_(who, relay=False) for who in (bob, alice, auditor)}

    def call(who, method, path, status, **more):
        answer = getattr(at_the_door[who], method)(path, **more)
        assert answer.status_code == status, answer.content
        return answer.json()

    def make_all(counts, size):
        for roles in (TWO, SIX):
            wish = {"data": {"roles": roles, "reason": "ticket #1", "duration": "1h"}}
            with counts.count(f"create, {size}, {len(roles)} roles"):
                made = call(bob, "post", REQUESTS, 201, **wish)
            one = f"{REQUESTS}{made['id']}/"
            with counts.count(f"approve, {size}, {len(roles)} roles"):
                call(alice, "post", f"{one}reviews/", 201, data=APPROVAL)
            for who in (bob, auditor):
                with counts.count(f"one for {who.email}, {size}, {len(roles)} roles"):
                    shown = call(who, "get", one, 200)
            assert len(shown["grants"]) == len(roles)
            end_all(made["id"])
        for who in (bob, auditor, alice):
            with counts.count(f"list for {who.email}, {size}"):
                call(who, "get", REQUESTS, 200, data={"limit": 50})
        for about in ({}, {"user": bob.email}):
            who = auditor if about else bob
            with counts.count(f"check by {who.email}, {size}"):
                call(who, "get", "access/check/", 200, data={"role": "dba", **about})

    return make_all


def end_all(request_id):
    """Out of the way of the next one who asks the same."""
    AccessRequest.objects.get(pk=request_id).grants.all().delete()


BUDGET = {
    "create": 15,
    "approve": 20,
    "one for bob": 5,
    "one for auditor": 5,
    "list for bob": 5,
    "list for auditor": 5,
    "list for alice": 5,
    "check by bob": 2,
    "check by auditor": 2,
}


def test_calls_keep_to_their_budgets_whatever_stands_in_the_tables(calls):
    fill(1)
    calls(Counts(), "cold")
    counts = Counts()
    calls(counts, "few rows")
    fill(10)
    calls(Counts(), "cold again: there are new roles")
    calls(counts, "many rows")

    counts.check(BUDGET)


def test_a_list_of_fifty_is_a_list_of_fifty(plane, as_, bob):
    """What the count above is of: a full page with reviews and grants in it."""
    fill(11)

    page = as_(bob).get(REQUESTS, {"limit": 50}).json()["results"]

    assert len(page) == 50
    assert all(len(row["reviews"]) == 2 for row in page if row["state"] == "PENDING")


def test_a_request_with_many_reviews_costs_no_more(plane, as_, bob):
    caller = as_(bob, relay=False)
    request = AccessRequestFactory(requester=bob, roles=TWO)
    caller.get(f"{REQUESTS}{request.pk}/")
    counts = Counts()

    for reviews in (1, 20):
        for _ in range(reviews):
            ReviewFactory(request=request)
        with counts.count(f"one, {reviews} reviews"):
            caller.get(f"{REQUESTS}{request.pk}/")

    counts.check({"one": 5})


def test_the_relay_takes_the_same_for_one_event_and_for_many(plane, bob, alice, noon):
    """A batch has its place in the ledger in as many statements as a single event."""
    services.drain(at=noon)
    counts = Counts()

    ask(bob, "app-1")
    with counts.count("relay, one event"):
        assert services.drain(at=noon) == 1
    for name in SIX[1:]:
        approve(ask(bob, name), alice)
    with counts.count("relay, twenty events"):
        assert services.drain(at=noon) == 20

    counts.check({"relay": 12})
