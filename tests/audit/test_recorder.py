"""record(): a fact commits with the change it tells of, or not at all."""

from datetime import timedelta
from uuid import UUID

import pytest
from django.db import transaction

from audit.catalogue import _plain
from audit.models import AuditEvent, OutboxEntry
from audit.recorder import record
from identity.events import LoginFailed, LoginSucceeded
from tests.cast import NOON, STAGE, actor_of
from tests.deeds import ask
from tests.factories.identity import UserFactory


@pytest.mark.django_db(transaction=True)
def test_nothing_is_recorded_outside_a_transaction(noon):
    user = UserFactory()

    with pytest.raises(RuntimeError, match="in the transaction of its change"):
        record(LoginSucceeded(about=user.about), by=STAGE, at=noon)

    assert not AuditEvent.objects.exists()
    assert not OutboxEntry.objects.exists()


def test_a_fact_goes_when_its_change_is_rolled_back(bob, noon):
    before = AuditEvent.objects.count()

    with transaction.atomic():
        ask(bob)
        transaction.set_rollback(True)

    assert AuditEvent.objects.count() == before
    assert not bob.access_requests.exists()


def test_a_fact_says_who_what_and_when(bob, alice, noon):
    with transaction.atomic():
        record(LoginFailed(about=alice.about), by=actor_of(bob), at=noon)

    told = AuditEvent.objects.get(type="login.failed")
    assert told.document() == {
        "id": str(told.pk),
        "type": "login.failed",
        "at": "2026-03-02T12:00:00.000000Z",
        "actor": {
            "kind": "user",
            "id": str(bob.pk),
            "name": "bob@example.com",
            "via": "api",
            "ip": None,
        },
        "about": {"kind": "user", "id": str(alice.pk), "name": "alice@example.com"},
        "data": {},
    }


def test_several_facts_keep_their_order(bob, noon):
    with transaction.atomic():
        record(LoginFailed(about=bob.about), LoginSucceeded(about=bob.about), by=STAGE, at=noon)

    waiting = OutboxEntry.objects.order_by("-pk")[:2]
    assert [entry.event.type for entry in waiting] == ["login.succeeded", "login.failed"]


@pytest.mark.parametrize(
    ("value", "plain"),
    [
        (NOON, "2026-03-02T12:00:00.000000Z"),
        (timedelta(hours=8), 28800),
        (UUID(int=1), "00000000-0000-0000-0000-000000000001"),
        ({"ends": NOON}, {"ends": "2026-03-02T12:00:00.000000Z"}),
        ((1, None, "x"), [1, None, "x"]),
    ],
)
def test_data_is_plain(value, plain):
    assert _plain(value) == plain
