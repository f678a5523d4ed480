"""What people may not do in Slack: nothing changes, and they alone are told."""

import pytest

from chatops.models import LinkedAccount
from chatops.services import answers
from requests_app.models import Grant
from reviews.models import Review
from tests import cast, deeds
from tests.cast import NOON
from tests.chatops.fakes.block_kit import words_of
from tests.chatops.slack_door import slack_channel, written

pytestmark = pytest.mark.django_db


def test_an_unknown_clicker_gets_a_link_that_links(space, door, asked):
    space.hire("ivy", profile={"email": "somebody@elsewhere.example"})
    before = written()

    door.press("U0IVY", space.card("C0SECURITY"), "Approve")

    assert written() == before
    assert "U0IVY" not in space.windows
    (whisper,) = space.whispers["U0IVY"]
    assert whisper["response_type"] == "ephemeral"
    link = whisper["blocks"][-1]["elements"][0]["url"]
    token = link.rpartition("/")[2]
    ivan = cast.called("ivan")
    answers.link_account(token=token, user=ivan, by=cast.actor_of(ivan), at=NOON)
    assert LinkedAccount.objects.get().external_id == "U0IVY"
    door.decide("U0IVY", space.card("C0SECURITY"), "Approve")
    assert Review.objects.get().reviewer == ivan


def test_a_linked_account_counts_whatever_its_address_is(space, door, asked):
    alice = cast.called("alice")
    channel = LinkedAccount._meta.get_field("channel").related_model.objects.get()
    LinkedAccount.objects.create(
        user=alice, channel=channel, external_id="U0MALLORY", linked_at=NOON
    )

    door.decide("U0MALLORY", space.card("C0SECURITY"), "Approve")

    assert Review.objects.get().reviewer == alice
    assert space.called("users.info") == [{"user": "U0BOB"}]  # who asked, by the command


@pytest.mark.parametrize(
    "odd",
    [
        {"is_email_confirmed": False},
        {"is_email_confirmed": None},
        {"deleted": True},
        {"is_bot": True},
        {"is_restricted": True},
        {"is_ultra_restricted": True},
        {"is_stranger": True},
        {"team_id": "T0ELSEWHERE"},
        {"id": "U0OTHER"},
        {"profile": {"email": ""}},
    ],
)
def test_an_address_counts_only_if_the_workspace_vouches_for_it(space, door, asked, odd):
    space.hire("alice", **odd)
    before = written()

    door.interact(space.press("U0ALICE", space.card("C0SECURITY"), "Approve"))

    assert written() == before
    assert space.windows == {}
    assert "Link this account" in words_of(space.whispers["U0ALICE"][0]["blocks"])


def test_without_link_by_email_no_address_counts(space, door, asked):
    cast.apply(slack_channel(space, link_by_email=False))
    before, looked = written(), len(space.called("users.info"))

    door.press("U0ALICE", space.card("C0SECURITY"), "Approve")

    assert written() == before
    assert len(space.called("users.info")) == looked
    assert "Link this account" in words_of(space.whispers["U0ALICE"][0]["blocks"])


def test_an_inactive_user_is_nobody(space, door, asked):
    cast.apply(cast.person("alice", roles=["dba-reviewer"], active=False))
    before = written()

    door.press("U0ALICE", space.card("C0SECURITY"), "Approve")

    assert written() == before
    assert space.windows == {}


@pytest.mark.parametrize(
    ("who", "said"),
    [
        ("U0BOB", "You may not decide on your own request."),
        ("U0CAROL", "There is no such access request."),
        ("U0MALLORY", "There is no such access request."),
    ],
)
def test_who_may_not_decide_is_told_so_alone(space, door, asked, who, said):
    before = written()
    card = space.card("C0SECURITY")

    door.press(who, card, "Approve")

    assert written() == before
    assert who not in space.windows
    assert space.whispers[who][0]["text"] == said
    assert space.thread(card) == []


def test_a_dialog_of_somebody_else_gives_nobody_a_right(space, door, asked):
    """Bob sends the window that opened for Alice, as his own."""
    door.press("U0ALICE", space.card("U0ALICE"), "Approve")
    space.windows["U0BOB"] = space.windows["U0ALICE"]
    before = written()

    answer = door.submit("U0BOB")

    assert answer["response_action"] == "update"
    assert "your own request" in words_of(answer["view"]["blocks"])
    assert written() == before


def test_a_second_click_and_a_second_submission(space, door, asked):
    card = space.card("U0ALICE")
    door.decide("U0ALICE", card, "Approve")
    before = written()

    door.press("U0ALICE", card, "Deny")
    assert space.whispers["U0ALICE"][0]["text"] == "You reviewed this request already."
    answer = door.submit("U0ALICE", reason="again")

    assert "already" in words_of(answer["view"]["blocks"])
    assert written() == before


def test_a_click_after_the_end(space, door, asked):
    card = space.card("U0ALICE")
    door.press("U0ALICE", card, "Approve")
    deeds.cancel(asked, cast.called("bob"))
    before = written()

    answer = door.submit("U0ALICE")
    door.press("U0ALICE", card, "Approve")

    assert "This request is CANCELLED already." in words_of(answer["view"]["blocks"])
    assert space.whispers["U0ALICE"][0]["text"] == "This request is CANCELLED already."
    assert written() == before


def test_nobody_gives_back_or_extends_what_is_not_his(space, door, told):
    deeds.granted_dba(cast.called("bob"))
    told()
    before = written()

    for label in ("Give back", "Extend"):
        door.press("U0ALICE", space.card("U0BOB"), label)

    assert written() == before
    assert "U0ALICE" not in space.windows
    assert Grant.objects.get().state == "ACTIVE"


def test_what_is_over_is_neither_given_back_nor_extended(space, door, told, clock):
    grant = deeds.granted_dba(cast.called("bob"))
    told()
    card = space.card("U0BOB")
    door.press("U0BOB", card, "Extend")
    deeds.revoke(grant, cast.called("alice"))
    before = written()

    answer = door.submit("U0BOB", duration="1h")
    for label in ("Give back", "Extend"):
        door.press("U0BOB", card, label)

    assert "This access is REVOKED already." in words_of(answer["view"]["blocks"])
    assert [one["text"] for one in space.whispers["U0BOB"]] == [
        "This access is REVOKED already."
    ] * 2
    assert len(space.windows["U0BOB"]) == 1
    assert written() == before
