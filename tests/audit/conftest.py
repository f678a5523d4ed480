import pytest
from django.db import transaction

from audit import services, subscriptions, waiting
from audit.models import LedgerEntry
from audit.recorder import record
from identity.events import LoginFailed, LoginSucceeded
from tests.cast import NOON, STAGE


@pytest.fixture
def sign_in():
    """Somebody signs in: the smallest fact there is."""

    def _sign_in(user, *, at=NOON, fails=False):
        event = LoginFailed if fails else LoginSucceeded
        with transaction.atomic():
            record(event(about=user.about), by=STAGE, at=at)

    return _sign_in


@pytest.fixture
def ledger(bob, alice, sign_in):
    """Ten sign-ins of Bob and Alice have their place, behind whatever came before them.

    Answers the sequence of the n-th of them.
    """
    services.drain(at=NOON)
    before = LedgerEntry.objects.count()
    for number in range(10):
        sign_in((bob, alice)[number % 2])
    services.drain(at=NOON)
    return lambda nth: before + nth


@pytest.fixture
def subscribe():
    """`subscribe(handler, "login.succeeded", name="ear")`, until the test is over."""
    names = []

    def _subscribe(handler, *types, name="tests.ear"):
        subscriptions.subscribes_to(*types, name=name)(handler)
        names.append(name)

    yield _subscribe
    for name in names:
        subscriptions.unsubscribe(name)


class Hourglass:
    """Time for `waiting`: it passes only while somebody sleeps, and things happen meanwhile."""

    def __init__(self):
        self.passed = 0.0
        self.happens = {}

    def monotonic(self):
        return self.passed

    def sleep(self, seconds):
        self.passed += seconds
        for when in [when for when in self.happens if when <= self.passed]:
            self.happens.pop(when)()


@pytest.fixture
def hourglass(monkeypatch):
    hourglass = Hourglass()
    monkeypatch.setattr(waiting, "time", hourglass)
    return hourglass


@pytest.fixture
def soon(hourglass, sign_in, noon):
    """Somebody signs in after so many seconds."""

    def _soon(user, *, after):
        def happen():
            sign_in(user)
            services.drain(at=noon)

        hourglass.happens[after] = happen

    return _soon
