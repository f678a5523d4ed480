"""The ledger under several relays, and under transactions that commit out of order."""

from threading import Event

import pytest
from django.db import transaction

from audit import outbox, subscriptions
from audit.models import AuditEvent, Delivery, LedgerEntry
from audit.recorder import record
from identity.events import LoginSucceeded
from tests.cast import STAGE
from tests.races.at_once import PATIENCE, at_once

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("sleeping_relay"),
]


def sign_in(user, at, times=1):
    with transaction.atomic():
        record(*[LoginSucceeded(about=user.about)] * times, by=STAGE, at=at)


def test_relays_at_once_leave_no_gap_and_enter_nothing_twice(bob, noon):
    """From an empty ledger: even its head is made by one of them."""
    sign_in(bob, noon, times=60)
    waiting = AuditEvent.objects.count()

    def relay_all():
        moved = 0
        while one := outbox.relay(at=noon, limit=7):
            moved += one
        return moved

    moved = at_once(*[relay_all] * 4)

    assert sum(moved) == waiting
    sequences = LedgerEntry.objects.order_by("sequence").values_list("sequence", flat=True)
    assert list(sequences) == list(range(1, waiting + 1))
    assert LedgerEntry.objects.values("event").distinct().count() == waiting


def test_relays_run_beside_writers(bob, rounds):
    def write():
        for at in rounds:
            sign_in(bob, at)

    def relay():
        for at in rounds:
            outbox.relay(at=at, limit=3)

    at_once(write, write, relay, relay)

    told = AuditEvent.objects.filter(type="login.succeeded")
    assert told.count() == 2 * len(rounds)


def test_what_commits_late_gets_a_later_place_and_no_reader_misses_it(bob, alice, noon):
    """The slow transaction took its row first and commits last."""
    outbox.relay(at=noon)
    seen = LedgerEntry.objects.count()
    recorded, overtaken = Event(), Event()

    def slow():
        with transaction.atomic():
            record(LoginSucceeded(about=bob.about), by=STAGE, at=noon)
            recorded.set()
            assert overtaken.wait(PATIENCE)

    def quick():
        assert recorded.wait(PATIENCE)
        sign_in(alice, noon)
        outbox.relay(at=noon)
        cursor = LedgerEntry.objects.latest("sequence").sequence
        overtaken.set()
        return cursor

    _, cursor = at_once(slow, quick)
    outbox.relay(at=noon)

    assert cursor == seen + 1
    missed = LedgerEntry.objects.filter(sequence__gt=cursor).select_related("event")
    assert [(entry.sequence, entry.event.about_name) for entry in missed] == [
        (seen + 2, bob.email)
    ]


def test_two_workers_hand_over_each_delivery_once(bob, noon):
    heard = []
    subscriptions.subscribes_to("login.succeeded", name="tests.ear")(
        lambda entry: heard.append(entry.sequence)
    )
    try:
        sign_in(bob, noon, times=20)
        outbox.relay(at=noon)

        at_once(*[lambda: subscriptions.deliver_due(at=noon)] * 3)
    finally:
        subscriptions.unsubscribe("tests.ear")

    assert len(heard) == len(set(heard)) == 20
    assert set(Delivery.objects.values_list("state", flat=True)) == {"DONE"}
