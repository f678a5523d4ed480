"""Functions of the operator's, each in a real process."""

import json
import os
import time
from datetime import timedelta
from pathlib import Path

import pytest

from policy.engines.base import EngineFailed
from policy.engines.python import PythonFunction
from policy.verdicts import Effect, Verdict
from tests.cast import NOON
from tests.policy.questions import REQUEST_ID, question

PATIENCE = timedelta(seconds=20)
MODULE = "tests.policy.functions"
BRIEFLY = timedelta(seconds=3)


@pytest.fixture(autouse=True)
def all_are_named(settings):
    class Everything(list):
        def __contains__(self, name):
            return name.startswith(MODULE)

    settings.ACCESSPLANE_WORKFLOW_CALLABLES = Everything()


def asked(name: str, *, patience: timedelta = PATIENCE, **more) -> Verdict:
    whole = question(engine="python", callable=f"{MODULE}.{name}", **more)
    return PythonFunction().ask(whole, patience=patience, at=NOON)


def failure(name: str, **more) -> str:
    with pytest.raises(EngineFailed) as caught:
        asked(name, **more)
    return caught.value.sentence


def is_gone(pid: int) -> bool:
    """Whether the process ends within a moment."""
    end = time.monotonic() + 5
    while time.monotonic() < end:
        try:
            os.kill(pid, 0)
            stat = Path(f"/proc/{pid}/stat").read_text()
        except (ProcessLookupError, FileNotFoundError):
            return True
        if stat.rpartition(")")[2].split()[0] == "Z":  # nobody of ours has to bury it
            return True
        time.sleep(0.02)
    return False


# --- verdicts -----------------------------------------------------------------------------------


def test_a_function_allows_by_returning_nothing():
    assert asked("allows") == Verdict(Effect.ALLOW)


def test_it_denies_by_raising_access_denied():
    assert asked("denies") == Verdict(Effect.DENY, "bob@example.com needs a ticket")


def test_the_class_may_be_another_of_that_name():
    assert asked("denies_with_a_foreign_class").effect is Effect.DENY


def test_the_class_may_be_made_of_it():
    assert asked("denies_with_a_class_of_its_own") == Verdict(Effect.DENY, "no ticket")


@pytest.mark.parametrize("name", ["denies_at_length", "denies_at_length_as_a_bot_does"])
def test_a_long_refusal_is_cut_and_stays_one(name):
    verdict = asked(name)

    assert verdict == Verdict(Effect.DENY, "ä" * 2048)


def test_it_may_say_its_verdict():
    assert asked("abstains") == Verdict(Effect.ABSTAIN)
    assert asked("says_deny") == Verdict(Effect.DENY)


def test_it_may_say_it_as_the_client_library_does():
    said = Verdict(Effect.ABSTAIN, "not mine", {"ticket": ("OPS-1",)})

    assert asked("abstains_as_a_bot_does") == said


def test_it_sees_what_webhooks_see():
    seen = json.loads(asked("judges_by_everything").reason)

    assert seen == {
        "id": str(REQUEST_ID),
        "user": "bob@example.com",
        "roles": ["dba"],
        "reason": "T-1",
        "annotations": [],
        "requester_roles": ["developer"],
        "team": ["payments"],
        "nothing": [],
        "absent": [],
        "workflow": "ticket",
        "created_at": "2026-03-02T12:00:00+00:00",
        "start_time": None,
        "hours": 8,
        "duration_seconds": 8 * 3600,
        "extends": None,
    }


# --- no verdict ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    [
        "breaks",
        "returns_true",
        "returns_false",
        "returns_a_list",
        "returns_another_word",
        "is_async",
        "yields",
        "is_not_callable_with_this",
        "not_a_function",
        "is_not_there",
        "leaves_quietly",
        "leaves_with_a_code",
        "crashes",
        "crashes_at_the_end",
        "exits",
    ],
)
def test_anything_else_is_no_verdict(name):
    assert failure(name) == f"{MODULE}.{name} failed; the log of the worker says why."


def test_why_it_failed_is_in_the_log_and_not_in_the_sentence(caplog):
    sentence = failure("breaks")

    assert "secret-looking" not in sentence
    assert "ValueError: a secret-looking detail" in caplog.text


def test_a_function_that_nobody_named_is_not_run(settings):
    settings.ACCESSPLANE_WORKFLOW_CALLABLES = [f"{MODULE}.allows"]

    assert "ACCESSPLANE_WORKFLOW_CALLABLES" in failure("denies")
    assert asked("allows").effect is Effect.ALLOW


# --- its bounds ---------------------------------------------------------------------------------


def test_what_it_prints_is_no_verdict(caplog):
    assert asked("prints") == Verdict(Effect.ALLOW)
    assert "from a child" in caplog.text


def test_a_long_complaint_is_read_to_its_end_and_kept_in_part(caplog):
    assert asked("complains_a_lot") == Verdict(Effect.ALLOW)
    assert "the end" in caplog.text
    assert len(caplog.text) < 10_000


def test_output_without_end_costs_time_and_no_memory(caplog):
    assert "longer than 3 seconds" in failure("prints_without_end", patience=BRIEFLY)
    assert len(caplog.text) < 10_000


def test_a_huge_answer_is_no_verdict():
    assert failure("writes_a_huge_answer").endswith("answered with too much.")


@pytest.mark.parametrize("name", ["hangs", "hangs_with_a_child", "ignores_signals"])
def test_one_that_hangs_is_killed_with_its_children(name, tmp_path):
    written = tmp_path / "pid"
    started = time.monotonic()

    sentence = failure(name, reason=str(written), patience=BRIEFLY)

    assert sentence == f"{MODULE}.{name} took longer than 3 seconds."
    assert time.monotonic() - started < 10
    assert is_gone(int(written.read_text()))


def test_a_child_left_behind_is_killed_and_not_waited_for(tmp_path):
    written = tmp_path / "pid"
    started = time.monotonic()

    assert asked("leaves_a_child_behind", reason=str(written)).effect is Effect.ALLOW

    assert time.monotonic() - started < 10
    assert is_gone(int(written.read_text()))


# --- what it does not get -----------------------------------------------------------------------


def test_the_planes_own_settings_are_not_in_its_environment(monkeypatch):
    ours = {
        "ACCESSPLANE_SECRET_KEY",
        "ACCESSPLANE_PUBLIC_URL",
        "DATABASE_URL",
        "REDIS_URL",
        "CELERY_BROKER_URL",
        "EMAIL_URL",
        "DJANGO_SETTINGS_MODULE",
        "PGPASSWORD",
    }
    for name in ours:
        monkeypatch.setenv(name, "hidden")
    monkeypatch.setenv("JIRA_TOKEN", "the function's own")

    names = asked("tells_its_environment").reason.split()

    assert "JIRA_TOKEN" in names
    assert ours.isdisjoint(names)
    assert not any(name.startswith("ACCESSPLANE_") for name in names)


def test_it_runs_in_another_process_without_the_frameworks_of_this_one():
    assert asked("names_its_process").reason != str(os.getpid())
    loaded = asked("tells_its_modules").reason.split()
    assert {"django", "celery", "rest_framework"}.isdisjoint(loaded)
