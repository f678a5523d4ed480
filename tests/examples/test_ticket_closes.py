"""Access that was given for a ticket ends when the ticket is closed."""

import sys

import pytest

from tests.examples.programs import WORKFLOWS, Program, until

pytestmark = pytest.mark.embedded


@pytest.fixture
def keeper(stage):
    """`with keeper():` the program at work; it looks often."""
    command = (sys.executable, WORKFLOWS / "ticket-closes" / "ticket_closes.py")

    def start(**environment):
        login = stage.login("ticket-keeper") | {"LOOK_EVERY": "0.1"}
        return Program(*command, environment=login | environment)

    return start


def bob_holds(stage, role, reason):
    """The grant of a request of Bob's that was approved."""
    asked = stage.as_("bob").create_request([role], reason=reason)
    stage.as_("alice").review(asked.id, "APPROVE", reason="granted.")
    (grant,) = stage.seen(asked).grants
    assert stage.holds("bob", role)
    return grant


def until_revoked(stage, grant):
    def found():
        now = stage.as_("dana").grant(grant.id)
        return now if now.state == "REVOKED" else None

    return until(found, "the grant to be revoked")


def looked(program, *keys):
    """Wait until the program has asked for these tickets once more, and gone on."""
    for key in keys:
        asked = program.printed.count(f"about {key}.")
        until(lambda: program.printed.count(f"about {key}.") > asked + 1, f"looks at {key}")  # noqa: B023


def revocations(stage, grant):
    return list(stage.as_("dana").events(about=grant.id, type="grant.revoked"))


def test_access_ends_when_its_ticket_closes_and_no_other_does(stage, keeper):
    stage.ticket("OPS-1", "open")
    stage.ticket("OPS-2", "open")
    with keeper() as program:
        database = bob_holds(stage, "staging-db", "ticket #1")
        bob_holds(stage, "staging-web", "see OPS-2, as agreed")
        looked(program, "OPS-1", "OPS-2")
        assert stage.holds("bob", "staging-db")
        stage.ticket("OPS-1", "close")
        revoked = until_revoked(stage, database)
        looked(program, "OPS-2")

        assert revoked.reason == "Ticket OPS-1 is closed."
        assert not stage.holds("bob", "staging-db")
        assert stage.holds("bob", "staging-web")
        (told,) = until(lambda: revocations(stage, database), "the log to tell of it")
        assert told.actor.name == "ticket-keeper@example.com"


def test_what_closes_while_it_is_down_is_found_after_its_restart(stage, keeper):
    stage.ticket("OPS-3", "open")
    with keeper() as program:
        grant = bob_holds(stage, "staging-db", "ticket #3")
        without_ticket = bob_holds(stage, "staging-web", "curiosity")
        program.says("Asking Jira about OPS-3")
        program.kill()
    stage.ticket("OPS-3", "close")
    assert stage.holds("bob", "staging-db")

    with keeper():
        until_revoked(stage, grant)

    assert stage.as_("dana").grant(without_ticket.id).state == "ACTIVE"


def test_jira_that_does_not_answer_ends_nothing(stage, keeper):
    stage.ticket("OPS-4", "open")
    grant = bob_holds(stage, "staging-db", "ticket #4")
    with keeper(JIRA_URL="http://127.0.0.1:9") as program:
        program.says("WARNING Jira: ")

    assert stage.as_("dana").grant(grant.id).state == "ACTIVE"
