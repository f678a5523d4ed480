"""Who is not to be reached through a channel fails alone: the channel is well, and says so."""

import pytest

from audit.models import AuditEvent
from chatops.channels import registry
from chatops.channels.base import DeliveryFailed
from chatops.models import ChannelConfig
from tests import cast, deeds
from tests.chatops.conftest import posting, route
from tests.chatops.pigeon import LOFT, Pigeon

pytestmark = pytest.mark.django_db

BOB, ALICE = "bob@example.com", "alice@example.com"


def check_failed_alone(recipient: str, error: str) -> None:
    failed = posting(recipient=recipient)
    assert (failed.state, failed.tries) == ("FAILED", 1)
    assert error in failed.error
    channel = ChannelConfig.objects.get()
    assert (channel.problem, channel.problem_at) == ("", None)
    (event,) = AuditEvent.objects.filter(type="posting.failed")
    assert (event.data["recipient"], event.data["reason"]) == (recipient, failed.error)


class Blind(Pigeon):
    """A pigeon that does not find Bob."""

    of_recipient = True

    def post(self, message, *, to, key, at):
        if to == BOB:
            raise DeliveryFailed(
                "Nobody is at home.", permanent=True, of_recipient=self.of_recipient
            )
        return super().post(message, to=to, key=key, at=at)


def test_the_fault_of_a_recipient_is_told_and_the_channel_is_well(loft, bob, told, monkeypatch):
    monkeypatch.setitem(registry._types, "pigeon", Blind)
    deeds.ask(bob, "dba")
    told()

    check_failed_alone(BOB, "Nobody is at home.")
    assert ALICE in LOFT.recipients()


def test_the_fault_of_a_recipient_leaves_the_fault_of_the_channel_standing(
    loft, bob, told, monkeypatch
):
    cast.apply(cast.role("developer"))  # nobody but the requester is told
    monkeypatch.setitem(registry._types, "pigeon", Blind)
    ChannelConfig.objects.update(problem="No corn.", problem_at=cast.NOON)
    deeds.ask(bob, "staging-web", suggested_reviewers=(BOB,))
    told()

    assert posting().state == "FAILED"
    assert ChannelConfig.objects.get().problem == "No corn."


def test_any_other_lasting_fault_is_the_channel_s(loft, bob, told, monkeypatch):
    monkeypatch.setitem(registry._types, "pigeon", Blind)
    monkeypatch.setattr(Blind, "of_recipient", False)
    cast.apply(cast.role("developer"))
    deeds.ask(bob, "staging-web", suggested_reviewers=(BOB,))
    told()

    assert ChannelConfig.objects.get().problem == "Nobody is at home."


# --- Slack ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "error"),
    [({"is_member": False}, "not_in_channel"), ({"is_archived": True}, "is_archived")],
)
def test_a_room_in_slack_that_the_app_cannot_write_to(space, told, change, error):
    space.channels["C0SECURITY"] |= change
    deeds.ask(cast.called("bob"), "dba")
    told()

    check_failed_alone("#security", error)
    assert "Bob asks for dba" in space.card("U0ALICE").words


def test_a_room_that_is_not_in_slack(space, told):
    del space.channels["C0SECURITY"]
    deeds.ask(cast.called("bob"), "dba")
    told()

    check_failed_alone("#security", "channel_not_found")


def test_somebody_who_is_not_in_slack(space, told):
    del space.users["U0BOB"]
    deeds.ask(cast.called("bob"), "dba")
    told()

    check_failed_alone(BOB, "users_not_found")
    assert "Bob asks for dba" in space.card("U0ALICE").words


# --- e-mail ---------------------------------------------------------------------------------------


@pytest.fixture
def only_bob(post, bob):
    """Nobody but Bob is told of his request."""
    cast.apply(cast.role("developer"))
    deeds.ask(bob, "staging-web", suggested_reviewers=(BOB,))
    return post


@pytest.mark.parametrize(
    "answer",
    [
        "550 5.1.1 No such user here",
        "550 No such user",
        "552 5.2.2 Mailbox full",
        "553 5.1.3 Eh?",
    ],
)
def test_a_mailbox_that_is_not_there(only_bob, told, answer):
    only_bob.will_refuse("RCPT", answer)
    told()

    check_failed_alone(BOB, answer[4:])


@pytest.mark.parametrize(
    "answer",
    ["550 5.7.1 Relaying denied", "554 5.7.1 Relay access denied", "554 No", "503 RCPT first"],
)
def test_a_server_that_will_not_take_mail_from_us(only_bob, told, answer):
    only_bob.will_refuse("RCPT", answer)
    told()

    assert posting().state == "FAILED"
    assert answer[4:] in ChannelConfig.objects.get().problem


def test_an_address_that_is_none(post, bob, told):
    cast.apply(route("r", "post", recipients=["#security"]))
    deeds.ask(bob, "dba")
    told()

    check_failed_alone("#security", "'#security' is no e-mail address.")


# --- PagerDuty ------------------------------------------------------------------------------------


def test_a_service_that_is_not_there(pager, payments, bob, tell):
    cast.apply(route("page", "pagerduty", recipients=["pay"]))
    deeds.ask(bob, "dba")
    tell()

    check_failed_alone("pay", "PagerDuty has no service 'pay'.")
    assert pager.incidents == {}
