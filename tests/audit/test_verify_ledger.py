"""verify_ledger: what somebody who owns the database changed is found, at the right place."""

from uuid import UUID

import pytest
from django.core.management import call_command
from django.db import connection

from audit import chain, outbox, selectors, services
from audit.models import AuditEvent, LedgerEntry, LedgerHead, OutboxEntry
from tests import append_only
from tests.cast import NOON


@pytest.fixture
def tamper(ledger):
    """The ledger with the triggers taken off, until the test's transaction is rolled back."""
    connection.check_constraints()
    append_only.unlock()
    return ledger


def entry_at(sequence):
    return LedgerEntry.objects.select_related("event").get(sequence=sequence)


def remove(model, **which):
    rows = model.objects.filter(**which)
    rows._raw_delete(using="default")  # past the protection of the rows that point here


def test_what_nobody_touched_holds(ledger, capsys):
    call_command("verify_ledger")

    assert f"holds: {ledger(10)} entries" in capsys.readouterr().out


def test_an_empty_ledger_holds(db):
    assert services.first_bad_entry() is None


def test_what_waits_in_the_outbox_is_no_fault(ledger, bob, sign_in):
    sign_in(bob)

    assert OutboxEntry.objects.exists()
    assert services.first_bad_entry() is None


@pytest.mark.parametrize(
    "change",
    [
        {"actor_name": "mallory@example.com"},
        {"actor_kind": "bot"},
        {"actor_id": UUID(int=1)},
        {"actor_via": "web"},
        {"actor_ip": "192.0.2.1"},
        {"type": "login.failed"},
        {"at": NOON.replace(hour=11)},
        {"about_kind": "role"},
        {"about_name": "mallory@example.com"},
        {"data": {"forced": True}},
    ],
    ids=lambda change: next(iter(change)),
)
def test_a_changed_event_is_found(tamper, change):
    AuditEvent.objects.filter(entry=tamper(3)).update(**change)

    assert services.first_bad_entry() == tamper(3)


def test_a_changed_hash_is_found(tamper):
    LedgerEntry.objects.filter(sequence=tamper(3)).update(hash="f" * 64)

    assert services.first_bad_entry() == tamper(3)


def test_of_two_changes_the_first_is_named(tamper):
    AuditEvent.objects.filter(entry__in=[tamper(4), tamper(8)]).update(actor_name="x")

    assert services.first_bad_entry() == tamper(4)


def test_a_removed_entry_is_found(tamper):
    event = entry_at(tamper(3)).event_id
    remove(LedgerEntry, sequence=tamper(3))
    remove(AuditEvent, pk=event)

    assert services.first_bad_entry() == tamper(3)


def test_a_removed_first_entry_is_found(tamper):
    remove(LedgerEntry, sequence=1)

    assert services.first_bad_entry() == 1


def test_a_removed_entry_is_found_when_the_others_close_ranks(tamper):
    remove(LedgerEntry, sequence=tamper(3))
    for sequence in range(tamper(4), tamper(10) + 1):
        LedgerEntry.objects.filter(sequence=sequence).update(sequence=sequence - 1)
    LedgerHead.objects.update(sequence=tamper(9))

    assert services.first_bad_entry() == tamper(3)


def test_reordered_entries_are_found(tamper):
    first, second = entry_at(tamper(5)), entry_at(tamper(6))
    remove(LedgerEntry, sequence__in=[first.sequence, second.sequence])
    first.event, second.event = second.event, first.event
    LedgerEntry.objects.bulk_create([first, second])

    assert services.first_bad_entry() == tamper(5)


def test_an_inserted_entry_is_found_where_it_was_put(tamper, bob, sign_in):
    """The later ones move up to make room, and the head with them."""
    for sequence in range(tamper(10), tamper(4), -1):
        LedgerEntry.objects.filter(sequence=sequence).update(sequence=sequence + 1)
    sign_in(bob)
    forged = OutboxEntry.objects.get()
    LedgerEntry.objects.create(sequence=tamper(5), event=forged.event, hash="f" * 64)
    forged.delete()
    LedgerHead.objects.update(sequence=tamper(11))

    assert services.first_bad_entry() == tamper(5)


def test_an_inserted_entry_with_the_right_hash_is_found_at_the_next(tamper, bob, sign_in):
    for sequence in range(tamper(10), tamper(4), -1):
        LedgerEntry.objects.filter(sequence=sequence).update(sequence=sequence + 1)
    sign_in(bob)
    forged = OutboxEntry.objects.get()
    before = entry_at(tamper(4)).hash
    fitting = chain.entry_hash(before, tamper(5), forged.event.document())
    LedgerEntry.objects.create(sequence=tamper(5), event=forged.event, hash=fitting)
    forged.delete()
    LedgerHead.objects.update(sequence=tamper(11))

    assert services.first_bad_entry() == tamper(6)


def test_entries_cut_off_at_the_end_are_found(tamper):
    events = list(LedgerEntry.objects.filter(sequence__gt=tamper(8)).values_list("event"))
    remove(LedgerEntry, sequence__gt=tamper(8))
    remove(AuditEvent, pk__in=[pk for (pk,) in events])

    assert services.first_bad_entry() == tamper(9)


def test_entries_cut_off_are_found_by_their_events_when_the_head_was_set_back(tamper):
    remove(LedgerEntry, sequence__gt=tamper(8))
    LedgerHead.objects.update(sequence=tamper(8), hash=entry_at(tamper(8)).hash)

    assert services.first_bad_entry() == tamper(9)


def test_an_event_slipped_in_beside_the_ledger_is_found(ledger, bob, sign_in):
    """Its pointer in the outbox is gone, so no relay would ever give it a place."""
    sign_in(bob)
    OutboxEntry.objects.all().delete()

    assert services.first_bad_entry() == ledger(11)


def test_an_entry_behind_the_head_is_found(ledger, bob, sign_in):
    sign_in(bob)
    head, waiting = selectors.head(), OutboxEntry.objects.get()
    entry = outbox._enter(head, waiting)  # as it should be, but for the head that nobody moves
    entry.save(force_insert=True)
    waiting.delete()

    assert services.first_bad_entry() == ledger(11)


def test_a_head_that_was_moved_is_found(ledger):
    LedgerHead.objects.update(hash="f" * 64)

    assert services.first_bad_entry() == ledger(11)


def test_a_head_that_is_gone_is_found(ledger):
    LedgerHead.objects.all().delete()

    assert services.first_bad_entry() == 1


def test_the_command_says_which_and_exits_with_1(tamper, capsys):
    AuditEvent.objects.filter(entry=tamper(3)).update(actor_name="mallory@example.com")

    with pytest.raises(SystemExit) as exit_:
        call_command("verify_ledger")

    printed = capsys.readouterr()
    assert exit_.value.code == 1
    assert printed.out.strip() == str(tamper(3))
    assert f"entry {tamper(3)} is the first bad one" in printed.err
