"""Whoever is on call reads production for an hour, at the times when nobody could be asked."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.utils import timezone

from accessplane.lib.actors import console
from accessplane.management.files import documents_of
from identity.services import configuration
from requests_app.models import Grant
from tests.cast import called

MONDAY_NOON, MONDAY_NIGHT, SATURDAY_NOON = timedelta(0), timedelta(hours=9), timedelta(days=5)


@pytest.fixture
def asked(db, clock, as_):
    """`asked("hanna", after=...)`: the request for prod-read as it is after it was made."""
    configuration.apply_documents(
        documents_of(settings.BASE_DIR / "examples" / "workflows" / "on-call"),
        by=console("tests"),
        may=configuration.everything,
        at=timezone.now(),
    )

    def _asked(name, *, after):
        clock.move(seconds=after.total_seconds())
        door = as_(called(name))
        made = door.post("access-requests/", {"roles": ["prod-read"], "reason": "it is down"})
        assert made.status_code == 201
        return door.get(f"access-requests/{made.json()['id']}/").json()

    return _asked


@pytest.mark.parametrize("after", [MONDAY_NIGHT, SATURDAY_NOON], ids=["night", "weekend"])
def test_on_call_it_takes_no_waiting_and_lasts_an_hour(asked, clock, after):
    request = asked("hanna", after=after)

    assert request["state"] == "APPROVED"
    assert [review["reviewer"] for review in request["reviews"]] == [
        "on-call-robot@example.com"
    ]
    grant = Grant.objects.get()
    assert grant.starts_at == clock.now()
    assert grant.ends_at - grant.starts_at == timedelta(hours=1)


@pytest.mark.parametrize(
    ("name", "after"),
    [("hanna", MONDAY_NOON), ("jonas", MONDAY_NIGHT)],
    ids=["hours", "others"],
)
def test_everybody_else_waits_for_a_reviewer(asked, as_, name, after):
    request = asked(name, after=after)

    assert (request["state"], request["reviews"]) == ("PENDING", [])
    assert not Grant.objects.exists()

    as_(called("kim")).post(
        f"access-requests/{request['id']}/reviews/", {"decision": "APPROVE"}
    )

    assert Grant.objects.get().state == "ACTIVE"
