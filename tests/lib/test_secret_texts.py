"""Secrets of other systems: looked up or sealed, and never shown."""

import pytest
from django.core.management.utils import get_random_secret_key

from accessplane.lib import secret_texts
from accessplane.lib.errors import InvalidInput
from accessplane.lib.secret_texts import SecretMissing

SECRET = "hunter2 and more"
PURPOSE = "channel"


def stored(secret=SECRET):
    return secret_texts.stored(secret, purpose=PURPOSE)


def revealed(kept, purpose=PURPOSE):
    return secret_texts.revealed(kept, purpose=purpose)


def test_a_stored_secret_is_sealed_and_comes_back():
    kept = stored()

    assert SECRET not in kept
    assert secret_texts.shown(kept) == "stored"
    assert revealed(kept) == SECRET


def test_it_is_sealed_for_one_purpose():
    with pytest.raises(SecretMissing):
        revealed(stored(), purpose="workflow")


def test_a_secret_of_the_environment_is_looked_up_each_time(monkeypatch):
    kept = stored("env:POLICY_SECRET")
    monkeypatch.setenv("POLICY_SECRET", " one\n")
    assert revealed(kept) == "one"
    monkeypatch.setenv("POLICY_SECRET", "two")
    assert revealed(kept) == "two"

    assert kept == secret_texts.shown(kept) == "env:POLICY_SECRET"


@pytest.mark.parametrize("value", [None, "", "  "])
def test_a_variable_that_is_not_set_is_named(monkeypatch, value):
    monkeypatch.delenv("POLICY_SECRET", raising=False)
    if value is not None:
        monkeypatch.setenv("POLICY_SECRET", value)

    with pytest.raises(SecretMissing) as caught:
        revealed("env:POLICY_SECRET")

    assert "POLICY_SECRET is not set" in caught.value.sentence


@pytest.mark.parametrize(
    "secret",
    [
        "",
        " ",
        "x" * 4097,
        "env:",
        "env:A B",
        "env:1A",
        "env:ACCESSPLANE_SECRET_KEY",
        "env:DATABASE_URL",
        "env:REDIS_URL",
        "env:CELERY_BROKER_URL",
        "env:EMAIL_URL",
        "env:PGPASSWORD",
    ],
)
def test_what_cannot_be_a_secret_of_others_is_refused(secret):
    with pytest.raises(InvalidInput):
        stored(secret)


def test_what_claims_to_be_sealed_already_is_sealed_again():
    assert revealed(stored("sealed:abc")) == "sealed:abc"


def test_a_secret_can_be_compared_with_what_is_kept():
    def same(secret, kept):
        return secret_texts.same(secret, kept, purpose=PURPOSE)

    assert same(SECRET, stored())
    assert not same("other", stored())
    assert same("env:A", "env:A")
    assert not same("env:A", stored())
    assert not same(SECRET, "env:A")
    assert not same(SECRET, "sealed:broken")


def test_a_secret_outlives_a_change_of_the_key(settings):
    kept = stored()
    before, settings.SECRET_KEY = settings.SECRET_KEY, get_random_secret_key()

    with pytest.raises(SecretMissing) as caught:
        revealed(kept)
    assert SECRET not in str(caught.value)

    settings.SECRET_KEY_FALLBACKS = [before]
    assert revealed(kept) == SECRET
