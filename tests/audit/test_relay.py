"""relay(): every committed event gets the next place, and a hash that chains it."""

import pytest
from django.db import transaction

from audit import chain, outbox, selectors, services
from audit.models import Delivery, LedgerEntry, OutboxEntry
from tests.deeds import approve, ask
from tests.witness import event_types


def test_sequences_have_no_gap(ledger):
    entries = LedgerEntry.objects.order_by("sequence")

    assert [entry.sequence for entry in entries] == list(range(1, ledger(10) + 1))
    assert not OutboxEntry.objects.exists()


def test_each_hash_covers_the_one_before_the_place_and_the_event(ledger):
    previous = chain.GENESIS
    for entry in LedgerEntry.objects.select_related("event").order_by("sequence"):
        assert entry.hash == chain.entry_hash(previous, entry.sequence, entry.event.document())
        previous = entry.hash

    assert (selectors.head().sequence, selectors.head().hash) == (ledger(10), previous)


def test_a_hash_depends_on_everything():
    one = chain.entry_hash("0", 1, {"a": 1, "b": 2})

    assert one == chain.entry_hash("0", 1, {"b": 2, "a": 1})
    assert len({one, *_others()}) == 4


def _others():
    yield chain.entry_hash("1", 1, {"a": 1, "b": 2})
    yield chain.entry_hash("0", 2, {"a": 1, "b": 2})
    yield chain.entry_hash("0", 1, {"a": 1, "b": 3})


def test_relaying_twice_moves_an_event_once(ledger, bob, sign_in, noon):
    sign_in(bob)

    assert outbox.relay(at=noon) == 1
    assert outbox.relay(at=noon) == 0
    assert LedgerEntry.objects.count() == ledger(11)


def test_a_relay_takes_no_more_than_its_limit_and_begins_with_the_oldest(
    ledger, bob, alice, sign_in, noon
):
    for user in (bob, alice, bob):
        sign_in(user)

    assert outbox.relay(at=noon, limit=2) == 2
    last = LedgerEntry.objects.select_related("event").order_by("sequence")[ledger(10) :]
    assert [entry.event.about_name for entry in last] == [bob.email, alice.email]
    assert OutboxEntry.objects.count() == 1


def test_draining_leaves_nothing_that_is_due(ledger, bob, sign_in, subscribe, noon):
    heard = []
    subscribe(heard.append, "login.succeeded")
    for _ in range(3):
        sign_in(bob)

    assert services.drain(at=noon) == 3
    assert len(heard) == 3
    assert not Delivery.objects.exclude(state="DONE").exists()


def test_a_commit_wakes_the_relay(bob, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        request = ask(bob)

    assert LedgerEntry.objects.filter(event__about_id=request.pk).exists()


def test_one_storys_order(bob, alice, ivan):
    request = ask(bob)
    approve(request, alice)
    approve(request, ivan)

    assert event_types() == [
        "access_request.created",
        "access_request.reviewed",
        "access_request.reviewed",
        "access_request.approved",
        "grant.started",
    ]


@pytest.fixture
def told(monkeypatch):
    """How often the readers of this process were told that there is something new."""
    told = []
    monkeypatch.setattr(outbox, "_listeners", [])
    outbox.tell_with(lambda: told.append(selectors.head_sequence()))
    return told


def test_readers_are_told_once_for_each_run_that_moved_something(
    told, sign_in, bob, noon, django_capture_on_commit_callbacks
):
    outbox.relay(at=noon)
    end = selectors.head_sequence()
    sign_in(bob)
    sign_in(bob)

    for _ in range(2):
        with django_capture_on_commit_callbacks(execute=True):
            outbox.relay(at=noon)

    assert told == [end + 2]


def test_nobody_is_told_what_was_rolled_back(
    told, sign_in, bob, noon, django_capture_on_commit_callbacks
):
    sign_in(bob)

    with django_capture_on_commit_callbacks(execute=True), transaction.atomic():
        outbox.relay(at=noon)
        transaction.set_rollback(True)

    assert told == []
