import logging

import pytest

from audit import outbox, services
from audit.models import AuditEvent, LedgerEntry, OutboxEntry
from tests.cast import NOON
from tests.deeds import later

ROUNDS = 8


@pytest.fixture
def rounds():
    """The moments of a race that is run again and again; a month apart, nothing is left over."""
    return [later(of=NOON, days=30 * number) for number in range(ROUNDS)]


@pytest.fixture(autouse=True)
def _the_log_is_whole_afterwards(transactional_db, caplog):
    """Whoever races, every event has its place, once, and nothing failed behind our back."""
    yield
    services.drain(at=NOON)
    assert not OutboxEntry.objects.exists()
    sequences = list(
        LedgerEntry.objects.order_by("sequence").values_list("sequence", flat=True)
    )
    assert sequences == list(range(1, AuditEvent.objects.count() + 1))
    assert services.first_bad_entry() is None
    failures = [r.getMessage() for r in caplog.records if r.levelno >= logging.ERROR]
    assert not failures


@pytest.fixture
def sleeping_relay(monkeypatch):
    """Nobody wakes the relay: what is committed stays in the outbox."""
    monkeypatch.setattr(outbox, "_waker", None)
