"""A grant whose start has come, at doors that act on it before any job has run (SEMANTICS 7.5)."""

from datetime import timedelta

import pytest

from identity.selectors import requestable_names, subject_of
from requests_app.models import Grant
from tests import cast
from tests.witness import event_types

pytestmark = pytest.mark.django_db


@pytest.fixture
def planned(as_, bob, alice, ivan, noon, clock):
    """Bob's grant of dba that begins in an hour; the clock stands an hour and a half later."""
    begins = (noon + timedelta(hours=1)).isoformat()
    asked = as_(bob).post(
        "access-requests/", {"roles": ["dba"], "reason": "ticket #123", "start_time": begins}
    )
    for reviewer in (alice, ivan):
        as_(reviewer).post(
            f"access-requests/{asked.json()['id']}/reviews/", {"decision": "APPROVE"}
        )
    clock.move(hours=1, minutes=30)
    return Grant.objects.get(user=bob)


def lose_the_right(bob):
    cast.apply(cast.person("bob", roles=[]))
    assert requestable_names(subject_of(bob, at=bob.created_at)) == []


def test_r7_5_revoking_it_begins_it_first(as_, alice, planned):
    answer = as_(alice).post(f"grants/{planned.pk}/revoke/", {"reason": "enough"})

    assert (answer.status_code, answer.json()["state"]) == (200, "REVOKED")
    assert [t for t in event_types() if t.startswith("grant.")][-2:] == [
        "grant.started",
        "grant.revoked",
    ]


def test_r7_4_it_is_revoked_already_if_the_requester_lost_the_right(as_, alice, bob, planned):
    lose_the_right(bob)

    answer = as_(alice).post(f"grants/{planned.pk}/revoke/", {"reason": "enough"})

    assert (answer.status_code, answer.json()["code"]) == (409, "wrong_state")
    planned.refresh_from_db()
    assert "not allowed" in planned.closed_reason


def test_r7_6_a_fraction_of_a_second_is_no_duration(as_, bob):
    answer = as_(bob).post(
        "access-requests/", {"roles": ["dba"], "reason": "ticket #123", "duration": 0.5}
    )

    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_duration")


def test_r5_5_the_end_of_a_token_is_seen_by_its_owner(as_, bob):
    token = as_(bob).post("tokens/", {"name": "laptop"}).json()
    as_(bob).delete(f"tokens/{token['id']}/")

    seen = as_(bob).get(f"events/?about={token['id']}").json()["results"]

    assert [event["type"] for event in seen] == ["token.created", "token.revoked"]
    assert [t["name"] for t in as_(bob).get("tokens/").json()["results"]] != ["laptop"]
