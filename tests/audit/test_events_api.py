"""GET events/ (CONTRACT 3): read on after a sequence, narrow, and wait for more."""

from concurrent.futures import ThreadPoolExecutor
from time import monotonic

import httpx
import pytest

from audit import services, waiting
from audit.models import LedgerEntry
from tests.cast import STAGE
from tests.deeds import approve, ask, later
from tests.factories.identity import UserFactory


@pytest.fixture
def reader(as_, auditor):
    """The events that the auditor gets for these parameters."""
    caller = as_(auditor)

    def read(**query):
        answer = caller.get("events/", query)
        assert answer.status_code == 200, answer.content
        return answer.json()

    return read


def sequences(answer):
    return [event["sequence"] for event in answer["results"]]


def test_events_come_in_ascending_sequence(ledger, reader):
    assert sequences(reader(limit=200)) == list(range(1, ledger(10) + 1))


def test_an_event_looks_as_it_is_written_down(ledger, reader, alice):
    (event,) = reader(after=ledger(9))["results"]

    assert event == LedgerEntry.objects.get(sequence=ledger(10)).document()
    assert (event["type"], event["about"]["id"]) == ("login.succeeded", str(alice.pk))
    assert set(event) == {"sequence", "id", "type", "at", "actor", "about", "data", "hash"}


def test_pages_follow_each_other_without_a_gap(ledger, reader, as_, auditor):
    answer, found = reader(after=ledger(0), limit=4, type="login.succeeded"), []
    pages = [sequences(answer)]
    while answer["next"]:
        answer = as_(auditor).get(answer["next"]).json()
        pages.append(sequences(answer))

    found = [sequence for page in pages for sequence in page]
    assert [len(page) for page in pages] == [4, 4, 2]
    assert found == list(range(ledger(1), ledger(10) + 1))


def test_a_page_that_is_just_full_is_the_last(ledger, reader):
    assert reader(after=ledger(6), limit=4)["next"] is None


def test_a_next_page_does_not_wait(ledger, reader):
    following = reader(after=ledger(0), limit=1, wait=5)["next"]

    assert f"after={ledger(1)}" in following
    assert "limit=1" in following
    assert "wait" not in following


def test_it_narrows_by_type_actor_and_object(bob, alice, reader, ivan, sign_in, noon):
    request = ask(bob)
    approve(request, alice)
    sign_in(alice, fails=True)
    services.drain(at=noon)

    def found(**query):
        return [event["type"] for event in reader(limit=200, **query)["results"]]

    assert found(type="login.failed") == ["login.failed"]
    assert found(actor="alice@example.com") == ["access_request.reviewed"]
    assert found(actor="ALICE@example.com") == ["access_request.reviewed"]
    assert found(about=str(request.pk)) == ["access_request.created", "access_request.reviewed"]
    assert found(about=str(request.pk), actor="bob@example.com") == ["access_request.created"]
    assert found(type="login") == []
    assert found(actor=ivan.email) == []


def test_since_is_included_and_until_is_not(ledger, bob, sign_in, reader):
    for hours in (1, 2, 3):
        sign_in(bob, at=later(hours=hours))
    services.drain(at=later(hours=4))

    between = {"since": later(hours=1).isoformat(), "until": later(hours=3).isoformat()}
    assert sequences(reader(**between)) == [ledger(11), ledger(12)]


@pytest.mark.parametrize(
    "query",
    [
        {"after": "-1"},
        {"after": "x"},
        {"after": str(2**63)},
        {"limit": "0"},
        {"limit": "201"},
        {"wait": "61"},
        {"wait": "-1"},
        {"about": "dba"},
        {"since": "2026-03-02T12:00:00"},
        {"until": "yesterday"},
        {"whoever": "bob"},
    ],
    ids=str,
)
def test_what_cannot_be_is_refused(as_, auditor, query):
    answer = as_(auditor).get("events/", query)

    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_input")


def test_whoever_may_see_none_gets_an_empty_list(db, as_):
    answer = as_(UserFactory()).get("events/").json()

    assert answer == {"next": None, "previous": None, "results": []}


# --- waiting ------------------------------------------------------------------------------------


def test_what_is_there_is_answered_at_once(ledger, reader, hourglass):
    assert sequences(reader(after=ledger(9), wait=30)) == [ledger(10)]
    assert hourglass.passed == 0


def test_nothing_is_answered_when_the_time_is_over(ledger, reader, hourglass):
    assert sequences(reader(after=ledger(10), wait=30)) == []
    assert hourglass.passed == pytest.approx(30)


def test_what_happens_meanwhile_is_answered_soon(ledger, reader, hourglass, soon, bob):
    soon(bob, after=10)

    assert sequences(reader(after=ledger(10), wait=30)) == [ledger(11)]
    assert 10 <= hourglass.passed < 11


def test_what_happens_to_others_does_not_end_the_wait(
    ledger, as_, hourglass, soon, bob, mallory
):
    soon(bob, after=10)

    answer = as_(mallory).get("events/", {"after": ledger(10), "wait": 30}).json()

    assert answer["results"] == []
    assert hourglass.passed == pytest.approx(30)


def test_waiting_looks_with_one_statement_at_a_time(
    ledger, as_, auditor, hourglass, django_assert_max_num_queries
):
    caller = as_(auditor)
    with django_assert_max_num_queries(5 + int(2 / waiting.LOOK_EVERY) + 1):
        caller.get("events/", {"after": ledger(10), "wait": 2})


def test_a_held_answer_comes_when_something_happens(live_server, auditor, bob, as_, sign_in):
    """A real server, a real wait: the answer is held in another thread meanwhile."""
    secret = as_(auditor)._credentials["HTTP_AUTHORIZATION"]
    services.drain(at=later())
    last = LedgerEntry.objects.count()
    begun = monotonic()
    with ThreadPoolExecutor(1) as pool:
        held = pool.submit(
            httpx.get,
            f"{live_server.url}/api/v1/events/",
            params={"after": last, "wait": 20},
            headers={"Authorization": secret},
            timeout=30,
        )
        while not held.running():
            pass
        sign_in(bob)
        answer = held.result(timeout=30)

    assert [event["actor"]["name"] for event in answer.json()["results"]] == [STAGE.name]
    assert monotonic() - begun < 10
