"""The settings of a fleet, and the start that is refused while they are unsafe."""

import pytest
from django.core.checks import run_checks
from django.core.exceptions import ImproperlyConfigured

from accessplane import checks
from tests.frame.processes import FLEET, manage, run


def test_good_settings_pass_the_checks_for_deployment():
    checked = manage("check", "--deploy", "--fail-level", "WARNING", **FLEET)

    assert (checked.returncode, checked.stderr) == (0, "")


@pytest.mark.parametrize("name", ["ACCESSPLANE_SECRET_KEY", "DATABASE_URL", "REDIS_URL"])
def test_what_has_no_default_must_be_there(name):
    checked = manage("check", **{key: value for key, value in FLEET.items() if key != name})

    assert checked.returncode == 1
    assert name in checked.stderr


def test_the_web_process_of_an_unsafe_fleet_does_not_start():
    unsafe = FLEET | {"ACCESSPLANE_SECRET_KEY": "short"}

    started = run("-c", "import accessplane.asgi", **unsafe)

    assert started.returncode == 1
    assert "ACCESSPLANE_SECRET_KEY must have at least 50 random characters." in started.stderr


@pytest.fixture
def fleet(settings, monkeypatch):
    """Settings that are safe for a fleet."""
    monkeypatch.setitem(
        settings.DATABASES["default"], "ENGINE", "django.db.backends.postgresql"
    )
    settings.ACCESSPLANE_IS_FLEET = True
    settings.SECRET_KEY = FLEET["ACCESSPLANE_SECRET_KEY"]
    settings.ACCESSPLANE_PUBLIC_URL = FLEET["ACCESSPLANE_PUBLIC_URL"]
    settings.ACCESSPLANE_PASSWORDS_FROM_DOCUMENTS = False
    settings.ALLOWED_HOSTS = ["access.example.com"]
    settings.CELERY_BROKER_URL = FLEET["REDIS_URL"]
    return settings


def test_a_safe_fleet_may_start(fleet):
    assert checks.unsafe() == []
    checks.refuse_unsafe_start()


@pytest.mark.parametrize(
    ("setting", "value", "number"),
    [
        ("SECRET_KEY", "too-short", "E001"),
        ("SECRET_KEY", "ab" * 50, "E001"),
        ("DEBUG", True, "E002"),
        ("ACCESSPLANE_PUBLIC_URL", "http://access.example.com", "E003"),
        ("ACCESSPLANE_PUBLIC_URL", "https://", "E003"),
        ("ALLOWED_HOSTS", [], "E004"),
        ("ALLOWED_HOSTS", ["access.example.com", "*"], "E004"),
        ("CELERY_BROKER_URL", "memory://localhost", "E005"),
        ("ACCESSPLANE_PASSWORDS_FROM_DOCUMENTS", True, "E006"),
    ],
)
def test_an_unsafe_fleet_may_not_start(fleet, setting, value, number):
    setattr(fleet, setting, value)

    assert [message.id for message in checks.unsafe()] == [f"accessplane.{number}"]
    with pytest.raises(ImproperlyConfigured):
        checks.refuse_unsafe_start()


def test_a_fleet_on_sqlite_may_not_start(fleet, monkeypatch):
    monkeypatch.setitem(fleet.DATABASES["default"], "ENGINE", "django.db.backends.sqlite3")

    assert [message.id for message in checks.unsafe()] == ["accessplane.E007"]


def test_the_checks_are_among_those_of_every_command(fleet):
    fleet.DEBUG = True

    assert "accessplane.E002" in [message.id for message in run_checks()]


def test_outside_a_fleet_nothing_is_refused(settings):
    settings.DEBUG = True

    assert checks.unsafe() == []
