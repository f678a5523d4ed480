"""Rows written by prepared statements are what saved rows would be."""

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from accessplane.lib.writes import insert, update
from audit.models import AuditEvent, OutboxEntry
from identity.models import User
from tests.factories.identity import UserFactory

pytestmark = pytest.mark.django_db


def test_a_row_comes_back_as_it_was(alice, noon):
    robot = UserFactory.build(owner=alice, is_bot=True, traits={"é": ['"']}, created_at=noon)

    insert(robot)

    assert not robot._state.adding
    found = User.objects.get(pk=robot.pk)
    for field in User._meta.concrete_fields:
        assert getattr(found, field.attname) == getattr(robot, field.attname), field


@pytest.mark.parametrize("count", [0, 1, 3])
def test_many_rows_are_one_statement_and_keep_their_order(count, noon):
    events = [
        AuditEvent(
            type=f"a.{number}",
            at=noon,
            actor_kind="system",
            actor_name="test",
            actor_via="system",
            actor_ip="2001:db8::1",
            about_kind="user",
            about_id=UserFactory().pk,
            data={"number": number},
        )
        for number in range(count)
    ]
    before = OutboxEntry.objects.count()
    insert(*events[:1])  # the statement is written once

    with CaptureQueriesContext(connection) as captured:
        insert(*events[1:])
        insert(*[OutboxEntry(event=event) for event in events])

    assert len(captured) == {0: 0, 1: 1, 3: 2}[count]
    waiting = OutboxEntry.objects.order_by("pk")[before:]
    assert [entry.event.data["number"] for entry in waiting] == list(range(count))
    assert all(event.actor_ip == "2001:db8::1" for event in AuditEvent.objects.all()[:count])


def test_what_the_database_refuses_takes_the_transaction_with_it(alice):
    twin = UserFactory.build(email=alice.email)

    with pytest.raises(IntegrityError), transaction.atomic():
        insert(twin)

    assert User.objects.filter(email=alice.email).count() == 1


def test_a_change_is_of_the_named_fields_of_one_row(alice, bob):
    was = (bob.display_name, bob.traits)
    alice.traits, alice.owner_id, alice.display_name = {"team": ["é"]}, None, "not stored"

    update(alice, "traits", "owner")

    found = User.objects.get(pk=alice.pk)
    assert found.traits == {"team": ["é"]}
    assert found.display_name != "not stored"
    bob.refresh_from_db()
    assert (bob.display_name, bob.traits) == was


def test_a_row_that_is_gone_is_not_changed_in_silence():
    with pytest.raises(DatabaseError), transaction.atomic():
        update(UserFactory.build(), "display_name")


def test_a_change_that_the_database_refuses_takes_the_transaction_with_it(alice, bob):
    bob.email = alice.email

    with pytest.raises(IntegrityError), transaction.atomic():
        update(bob, "email")

    bob.refresh_from_db()
    assert bob.email != alice.email
