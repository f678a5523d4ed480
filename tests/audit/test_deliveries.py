"""Subscribers get what they are owed: at least once, with back-off, and nothing is forgotten."""

from datetime import timedelta

import pytest

from accessplane.lib.errors import Conflict, NotFound
from audit import outbox, services, subscriptions
from audit.models import Delivery
from identity.models import User
from tests.deeds import later
from tests.factories.identity import UserFactory

HOUR = timedelta(hours=1)


@pytest.fixture
def deaf(subscribe):
    """A subscriber who hears nothing until he is healed; what he heard."""

    class Deaf:
        healed = False
        heard = []

        def handle(self, entry):
            UserFactory(email=f"seen-{entry.sequence}@example.com")
            if not self.healed:
                raise ConnectionError("nobody is there")
            self.heard.append(entry.sequence)

    deaf = Deaf()
    deaf.heard = []
    subscribe(deaf.handle, "login.succeeded")
    return deaf


@pytest.fixture
def owed(ledger, bob, sign_in, deaf, noon):
    """Bob signed in, and the deaf one is owed that."""
    sign_in(bob)
    outbox.relay(at=noon)
    return Delivery.objects.get()


def test_a_subscriber_gets_the_types_it_wants(ledger, bob, sign_in, subscribe, noon):
    heard, other = [], []
    subscribe(lambda entry: heard.append(entry.event.type), "login.failed", name="one")
    subscribe(lambda entry: other.append(entry.event.type), "login.succeeded", name="two")
    sign_in(bob, fails=True)
    sign_in(bob)

    services.drain(at=noon)

    assert (heard, other) == (["login.failed"], ["login.succeeded"])


def test_what_was_handed_over_is_not_handed_over_again(owed, deaf, noon):
    deaf.healed = True

    assert subscriptions.deliver_due(at=noon) == 1
    assert subscriptions.deliver_due(at=later(days=30)) == 0

    owed.refresh_from_db()
    assert (owed.state, owed.next_at, owed.tries, owed.error) == ("DONE", None, 1, "")
    assert len(deaf.heard) == 1


def test_a_handler_that_raises_takes_its_own_rows_back(owed, noon):
    subscriptions.deliver_due(at=noon)

    owed.refresh_from_db()
    assert not User.objects.filter(email__startswith="seen-").exists()
    assert (owed.state, owed.tries) == ("DUE", 1)
    assert owed.error == "ConnectionError: nobody is there"


def test_a_handler_whose_note_is_lost_runs_again_and_counts_once(owed, deaf, noon, monkeypatch):
    """The worker dies between the handler and its note: both are undone."""
    deaf.healed = True
    monkeypatch.setattr(Delivery, "save", lambda *_, **__: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        subscriptions.deliver_due(at=noon)
    assert not User.objects.filter(email__startswith="seen-").exists()
    monkeypatch.undo()

    assert subscriptions.deliver_due(at=noon) == 1
    assert len(deaf.heard) == 2
    assert User.objects.filter(email__startswith="seen-").count() == 1


def test_it_waits_longer_after_each_failure(owed, noon):
    at, waits = noon, []
    for _ in range(12):
        assert subscriptions.deliver_due(at=at) == 1
        owed.refresh_from_db()
        assert subscriptions.deliver_due(at=owed.next_at - timedelta(microseconds=1)) == 0
        waits.append((owed.next_at - at).total_seconds())
        at = owed.next_at

    assert waits == [5, 10, 20, 40, 80, 160, 320, 640, 1280, 2560, 3600, 3600]


def test_it_is_dead_after_the_twentieth_try_and_not_before(owed, deaf, noon):
    for tries in range(subscriptions.GIVE_UP_AFTER):
        owed.refresh_from_db()
        assert (owed.state, owed.tries) == ("DUE", tries)
        subscriptions.deliver_due(at=noon + tries * HOUR)

    owed.refresh_from_db()
    assert (owed.state, owed.tries, owed.next_at) == ("DEAD", 20, None)
    deaf.healed = True
    assert subscriptions.deliver_due(at=later(days=30)) == 0
    assert deaf.heard == []


def test_a_dead_one_is_sent_again_on_demand(owed, deaf, noon):
    Delivery.objects.update(state="DEAD", next_at=None, tries=20)
    deaf.healed = True

    services.retry_delivery(delivery_id=owed.pk, at=noon)
    subscriptions.deliver_due(at=noon)

    owed.refresh_from_db()
    assert (owed.state, owed.tries, owed.error) == ("DONE", 1, "")
    assert len(deaf.heard) == 1


def test_only_a_dead_one_is_sent_again(owed, noon):
    with pytest.raises(Conflict, match="only a dead one"):
        services.retry_delivery(delivery_id=owed.pk, at=noon)
    with pytest.raises(NotFound):
        services.retry_delivery(delivery_id=owed.pk + 1, at=noon)

    owed.refresh_from_db()
    assert (owed.state, owed.tries) == ("DUE", 0)


def test_one_that_fails_holds_up_nobody_else(owed, subscribe, bob, sign_in, noon):
    heard = []
    subscribe(lambda entry: heard.append(entry.sequence), "login.succeeded", name="tests.other")
    sign_in(bob)

    services.drain(at=noon)

    assert len(heard) == 1
    assert Delivery.objects.filter(subscriber="tests.ear", state="DUE", tries=1).count() == 2


def test_what_is_owed_to_somebody_who_is_away_stays_due(owed, deaf, noon):
    subscriptions.unsubscribe("tests.ear")
    assert subscriptions.deliver_due(at=noon) == 0
    deaf.healed = True
    subscriptions.subscribes_to("login.succeeded", name="tests.ear")(deaf.handle)

    assert subscriptions.deliver_due(at=noon) == 1
    assert len(deaf.heard) == 1


def test_two_subscribers_cannot_share_a_name(subscribe):
    subscribe(print, "login.failed")

    with pytest.raises(ValueError, match="two subscribers"):
        subscribe(print, "login.failed")
