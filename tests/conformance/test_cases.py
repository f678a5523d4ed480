"""Plays every case of `cases/` (see README.md): one test each, named by its id."""

from collections.abc import Iterator
from datetime import timedelta
from unittest.mock import patch

import pytest
from django.utils import timezone

from accessplane.lib.actors import console
from identity import documents
from identity.models import User
from identity.services import configuration, tokens
from tests.conformance.case_files import Case, all_cases
from tests.conformance.player import Player

CONSOLE = console("conformance")
ROOT = {
    "kind": "user",
    "version": "v1",
    "metadata": {"name": "root@example.com"},
    "spec": {"display_name": "Root", "roles": ["admin"]},
}


class Clock:
    """The true time, moved on by as much as a case has asked for."""

    def __init__(self) -> None:
        self.ahead = timedelta(0)
        self._true_now = timezone.now

    def now(self):
        return self._true_now() + self.ahead

    def set_ahead(self, ahead: timedelta) -> None:
        self.ahead = ahead


@pytest.fixture
def clock() -> Iterator[Clock]:
    clock = Clock()
    with patch("django.utils.timezone.now", clock.now):
        yield clock


@pytest.fixture
def root(db) -> None:
    """The administrator that every case begins with."""
    configuration.apply_documents(
        documents.from_values([ROOT], source="root"),
        by=CONSOLE,
        may=configuration.everything,
        at=timezone.now(),
    )


class Badges:
    """One bearer token for each actor, made when it is first needed and kept from then on."""

    def __init__(self) -> None:
        self._secrets: dict[str, str] = {}

    def of(self, actor: str) -> str:
        if actor not in self._secrets:
            user = User.objects.get(email=f"{actor}@example.com")
            _, self._secrets[actor] = tokens.create_token(
                user=user, by=CONSOLE, at=timezone.now()
            )
        return self._secrets[actor]


@pytest.mark.parametrize("case", all_cases(), ids=lambda case: case.id)
def test_case(case: Case, root, clock, django_capture_on_commit_callbacks):
    player = Player(
        token_of=Badges().of,
        committing=lambda: django_capture_on_commit_callbacks(execute=True),
        set_clock=clock.set_ahead,
        begun_at=timezone.now(),
    )

    player.play(case)


def test_every_case_has_an_id_of_its_own():
    ids = [case.id for case in all_cases()]

    assert len(ids) == len(set(ids))


def test_no_case_is_lost():
    """Seen, so that a file which is not read is noticed."""
    assert len(all_cases()) == 105
