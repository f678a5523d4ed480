"""The plane that the rules are played on."""

from collections.abc import Iterator
from unittest.mock import patch

import pytest

from tests.rules.plane import Clock, Plane, role, user


@pytest.fixture
def clock() -> Iterator[Clock]:
    clock = Clock()
    with patch("django.utils.timezone.now", clock.now):
        yield clock


@pytest.fixture
def bare(db, clock, django_capture_on_commit_callbacks) -> Plane:
    """A plane with the presets and `root`, and nothing else."""
    return Plane(clock, lambda: django_capture_on_commit_callbacks(execute=True))


@pytest.fixture
def plane(bare) -> Plane:
    """bob may ask for dba and dev-*; alice, ivan and carol review them; mallory may do nothing."""
    bare.apply(
        role("dba"),
        role("dev-web"),
        role("dev-api"),
        role("prod"),
        role("developer", request=["dba", "dev-*"]),
        role("lead", review=["dba", "dev-*", "prod"]),
        role("stranger"),
        user("bob", "developer"),
        user("alice", "lead"),
        user("ivan", "lead"),
        user("carol", "lead"),
        user("mallory", "stranger"),
        user("auditor", "auditor"),
    )
    return bare
