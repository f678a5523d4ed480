"""What every test can ask for: the cast, the moment, and a door for each person.

The people come from `tests/cast.py`, in the order of a play: `def test_...(bob, alice, noon)`.
"""

import os
import secrets
from collections.abc import Callable, Generator, Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

import pytest
from django.conf import settings
from django.db import connection
from django.test import TransactionTestCase
from django.utils import translation
from rest_framework.test import APIClient

from identity.models import User
from identity.services import tokens
from tests import append_only, browsing, cast
from tests.factories.identity import TokenFactory
from tests.prepared import Prepared

if TYPE_CHECKING:
    from playwright.sync_api import Browser

API = "/api/v1/"
ELSEWHERE = "needs PostgreSQL: set DATABASE_URL (`make test` runs the suite on it as well)"


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> Generator[None]:
    """What opens a browser is for the first run alone, and what needs PostgreSQL for the second.

    What takes long is begun first, so that no worker is left with it at the end.
    """
    for item in items:
        if "chromium" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.embedded)
        if connection.vendor != "postgresql" and item.get_closest_marker("postgres"):
            item.add_marker(pytest.mark.skip(reason=ELSEWHERE))
    yield
    items.sort(key=lambda item: item.get_closest_marker("embedded") is None)


@pytest.fixture(scope="session", autouse=True)
def _log_is_emptied_between_tests() -> Iterator[None]:
    """A test that commits ends in a flush of all tables; the log's triggers would refuse it."""
    flush = TransactionTestCase._fixture_teardown

    def flush_with_log(case: TransactionTestCase) -> None:
        with append_only.unlocked():
            flush(case)

    with patch.object(TransactionTestCase, "_fixture_teardown", flush_with_log):
        yield


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """Before the databases go, whoever is still connected goes: a thread that outlives its test,
    such as the watcher of the stream, keeps its connection for some seconds."""
    yield
    with django_db_blocker.unblock():
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
                )


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    """Data of planes, to be copied; all workers of a run share what was made."""
    own = tmp_path_factory.getbasetemp()
    return Prepared((own.parent if "PYTEST_XDIST_WORKER" in os.environ else own) / "prepared")


@pytest.fixture(scope="module")
def _chromium() -> "Iterator[Browser]":
    with browsing.chromium() as browser:
        yield browser


@pytest.fixture
def chromium(_chromium: "Browser") -> "Iterator[Browser]":
    """A browser; what a test opens in it is closed after the test."""
    yield _chromium
    for context in _chromium.contexts:
        context.close()


@pytest.fixture(autouse=True)
def _english_again() -> Iterator[None]:
    """The language of a page stays on in its thread until the next page chooses one."""
    yield
    translation.activate(settings.LANGUAGE_CODE)


# --- the moment ---------------------------------------------------------------------------------


@pytest.fixture
def noon() -> datetime:
    """A Monday in March, 12:00 UTC."""
    return cast.NOON


class Clock:
    """What the doors read; it stands still until a test moves it."""

    def __init__(self, moment: datetime) -> None:
        self.moment = moment

    def now(self) -> datetime:
        return self.moment

    def move(self, **by: float) -> datetime:
        """Go on by so much, given as to `timedelta`."""
        self.moment += timedelta(**by)
        return self.moment


@pytest.fixture
def clock(noon: datetime) -> Iterator[Clock]:
    """The clock of all doors stands at noon."""
    clock = Clock(noon)
    with patch("django.utils.timezone.now", clock.now):
        yield clock


# --- the cast -----------------------------------------------------------------------------------


@pytest.fixture
def everybody(db: None) -> None:
    """The whole cast is on the stage."""
    cast.enter()


@pytest.fixture
def bob(everybody: None) -> User:
    """A developer: may ask for dba (two approvals) and staging-* (one)."""
    return cast.called("bob")


@pytest.fixture
def alice(everybody: None) -> User:
    """May review dba and staging-*."""
    return cast.called("alice")


@pytest.fixture
def ivan(everybody: None) -> User:
    """May review dba and staging-*; owns the robot."""
    return cast.called("ivan")


@pytest.fixture
def carol(everybody: None) -> User:
    """A contractor: may ask for staging-web and nothing else."""
    return cast.called("carol")


@pytest.fixture
def mallory(everybody: None) -> User:
    """May do nothing at all."""
    return cast.called("mallory")


@pytest.fixture
def auditor(everybody: None) -> User:
    """Reads everything and changes nothing."""
    return cast.called("auditor")


@pytest.fixture
def dana(everybody: None) -> User:
    """Administers the plane; may neither ask nor review."""
    return cast.called("dana")


@pytest.fixture
def robot(everybody: None) -> User:
    """Ivan's bot: may ask for dba."""
    return cast.called("robot")


# --- the door -----------------------------------------------------------------------------------


class Caller(APIClient):
    """Somebody at the REST door, with a bearer token; a path is taken below /api/v1/."""

    def __init__(self, secret: str, committing: Callable[[], Any]) -> None:
        super().__init__()
        self.credentials(HTTP_AUTHORIZATION=f"Bearer {secret}")
        self._committing = committing

    def generic(self, method: str, path: str, *args: Any, **kwargs: Any) -> Any:
        """One call, and what follows its commit: the relay."""
        below = path if path.startswith(("/", "http")) else API + path
        with self._committing():
            return super().generic(method, below, *args, **kwargs)


@pytest.fixture
def as_(django_capture_on_commit_callbacks) -> Callable[..., Caller]:
    """`as_(bob).post("access-requests/", {"roles": ["dba"]})`; without `relay` nobody is woken
    after the commit."""

    def caller(user: User, *, relay: bool = True) -> Caller:
        secret = tokens.PREFIX + secrets.token_urlsafe(32)
        TokenFactory(user=user, digest=tokens.digest_of(secret))
        return Caller(secret, lambda: django_capture_on_commit_callbacks(execute=relay))

    return caller
