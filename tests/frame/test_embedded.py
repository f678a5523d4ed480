"""What keeps the parts of the one process going."""

from datetime import timedelta
from threading import Event

import pytest

from accessplane import embedded
from accessplane.celery import app as celery_app

PATIENCE = 10


@pytest.fixture
def stopping():
    return Event()


@pytest.fixture
def supervise(stopping, monkeypatch):
    """Starts supervised tasks that do not outlive the test."""
    monkeypatch.setattr(embedded, "FIRST_PAUSE", timedelta(milliseconds=1))
    helpers = []

    def _supervise(task):
        helpers.append(embedded.Supervised("helper", task, stopping))
        helpers[-1].start()
        return helpers[-1]

    yield _supervise
    stopping.set()
    for helper in helpers:
        helper.join(PATIENCE)


def test_what_ends_begins_again(supervise, caplog):
    third_time = Event()
    begun = []

    def end_at_once(_stopping):
        begun.append(1)
        if len(begun) == 3:
            third_time.set()

    supervise(end_at_once)

    assert third_time.wait(PATIENCE)
    assert "The helper ended; it begins again in 0:00:00.001000." in caplog.messages


def test_what_fails_begins_again_and_the_failure_is_logged(supervise, caplog):
    second_time = Event()
    begun = []

    def fail_once(stopping):
        begun.append(1)
        if len(begun) == 1:
            raise LookupError("a table is missing")
        second_time.set()
        stopping.wait()

    supervise(fail_once)

    assert second_time.wait(PATIENCE)
    assert "The helper failed." in caplog.messages
    assert "a table is missing" in caplog.text


def test_what_was_asked_to_stop_stays_stopped(supervise, stopping, caplog):
    begun = []

    def wait(stopping):
        begun.append(1)
        stopping.wait()

    helper = supervise(wait)
    stopping.set()
    helper.join(PATIENCE)

    assert begun == [1]
    assert caplog.messages == []


def test_the_pauses_grow_while_it_keeps_ending(supervise, caplog):
    begun = Event()
    count = []

    def end_at_once(_stopping):
        count.append(1)
        if len(count) == 4:
            begun.set()

    supervise(end_at_once)

    assert begun.wait(PATIENCE)
    pauses = [message.rpartition("0:00:")[2] for message in caplog.messages]
    assert pauses[:3] == ["00.001000.", "00.002000.", "00.004000."]


@pytest.fixture
def worker(supervise, stopping):
    """A supervised worker, on the in-memory broker of the tests."""
    yield supervise(embedded.work)
    stopping.set()
    celery_app.control.shutdown()


@pytest.fixture
def ran():
    """The task `note`, and the event that says it ran."""
    done = Event()
    celery_app.task(done.set, name="tests.note")
    yield done
    celery_app.tasks.pop("tests.note")


def test_a_worker_that_ended_is_replaced_and_takes_tasks(worker, ran, caplog):
    celery_app.send_task("tests.note")
    assert ran.wait(PATIENCE)
    ran.clear()

    celery_app.control.shutdown()
    celery_app.send_task("tests.note")

    assert ran.wait(PATIENCE)
