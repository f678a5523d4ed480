"""Bob asks, Alice and Ivan decide in Teams, and the card goes on to the end."""

import pytest

from audit.models import AuditEvent
from chatops.models import ChannelConfig, LinkedAccount, Posting
from chatops.services import answers
from chatops.states import PostingState
from requests_app.models import AccessRequest, Grant
from requests_app.states import RequestState
from reviews.models import Review
from tests import cast, deeds
from tests.cast import NOON
from tests.chatops.conftest import route
from tests.chatops.fakes import adaptive_cards
from tests.chatops.fakes.teams import SECURITY, account_of
from tests.chatops.teams_door import CARD, deliver, flow_channel, press, teams_channel, told
from tests.witness import nothing_happens

pytestmark = pytest.mark.django_db


@pytest.fixture
def asked(staffed, bob, tell):
    """Bob's request for dba, which two must approve; its card is out."""
    request = deeds.ask(bob, "dba", reason="ticket #1")
    tell()
    return request


def card(teams):
    """The card in the channel of the team."""
    return teams.in_room()[0]


def state(request):
    return AccessRequest.objects.get(pk=request.pk).state


def begins():
    """From when the reviewer wants the access to begin."""
    return AuditEvent.objects.get(type="access_request.reviewed").data["start_time"]


# --- the story ----------------------------------------------------------------------------------


def test_a_card_says_what_is_asked_for_and_takes_the_decision(staffed, asked):
    (posted,) = staffed.in_room()

    assert posted.lines() == [
        "Bob asks for dba for 8 hours",
        "⏳ Waits until Mon 9 Mar 2026, 12:00 UTC.",
        "Roles: dba",
        "Reason: ticket #1",
        "For: 8 hours",
        "**Waits until:** {{DATE(2026-03-09T12:00:00Z, SHORT)}}, {{TIME(2026-03-09T12:00:00Z)}}",
        "Needed: 0 of 2 approvals (two people)",
    ]
    assert posted.titles() == ["Approve", "Deny", "Open"]
    opened = adaptive_cards.action_named(posted.card, "Open")
    assert opened["url"].endswith(f"/requests/{asked.pk}")
    assert posted.document["summary"] == (
        "Bob asks for dba for 8 hours: Waits until Mon 9 Mar 2026, 12:00 UTC."
    )


def test_two_people_approve_there_and_everybody_hears(staffed, asked, tell, clock):
    said = press(staffed, "alice", card(staffed), "Approve", clock, reason="on call")
    tell()

    assert told(said) == "Your approval counts."
    assert state(asked) == RequestState.PENDING
    assert "Needed: 1 of 2 approvals (two people)" in card(staffed).lines()
    assert "Review: Alice approved: on call" in card(staffed).lines()
    press(staffed, "ivan", card(staffed), "Approve", clock)
    tell()

    assert state(asked) == RequestState.APPROVED
    ended = card(staffed)
    assert ended.lines()[1] == (
        "✅ Approved by Alice and Ivan, until Mon 2 Mar 2026, 20:03 UTC."
    )
    assert (ended.titles(), ended.edits) == (["Open"], 3)
    thread = [one.lines() for one in staffed.in_room()[1:]]
    assert thread == [["⏳ Alice approved: on call"], ["✅ Ivan approved."], [ended.lines()[1]]]
    assert {one.conversation for one in staffed.in_room()} == {ended.conversation}
    review = Review.objects.get(reviewer__email="alice@example.com")
    assert (review.reason, review.via) == ("on call", "teams")
    recorded = AuditEvent.objects.filter(type="access_request.reviewed").first()
    assert (recorded.actor_name, recorded.actor_via) == ("alice@example.com", "teams")
    assert not Posting.objects.exclude(state=PostingState.SENT).exists()


def test_bob_hears_in_his_own_chat_and_gives_back_there(
    staffed, asked, tell, clock, alice, ivan
):
    deeds.approve(asked, alice)
    deeds.approve(asked, ivan)
    tell()
    own = staffed.with_person("bob")
    assert own[0].edits >= 1
    assert any("Approved by Alice and Ivan" in line for one in own for line in one.lines())
    (offer,) = [one for one in own if "Give back" in one.titles()]

    said = press(staffed, "bob", offer, "Give back", clock, reason="done")

    assert told(said) == "You gave the access back."
    assert Grant.objects.get().state_at(clock.now()) == "ENDED"


def test_bob_extends_there(staffed, asked, tell, clock, alice, ivan):
    deeds.approve(asked, alice)
    deeds.approve(asked, ivan)
    tell()
    (offer,) = [one for one in staffed.with_person("bob") if "Extend" in one.titles()]

    said = press(staffed, "bob", offer, "Extend", clock, reason="more", duration="2h")

    assert told(said) == "You asked for more time."
    assert AccessRequest.objects.exclude(pk=asked.pk).get().reason == "more"


def test_reviewers_are_told_by_themselves(staffed, asked, clock):
    (own,) = staffed.with_person("alice")

    assert (
        told(press(staffed, "alice", own, "Deny", clock, reason="no")) == "Your denial counts."
    )
    assert state(asked) == RequestState.DENIED
    assert Review.objects.get().reason == "no"


# --- a start time -------------------------------------------------------------------------------


def test_access_begins_when_the_approver_says_in_his_own_zone(staffed, asked, clock):
    chosen = {"start_date": "2026-03-02", "start_clock": "15:30"}

    press(staffed, "alice", card(staffed), "Approve", clock, **chosen)

    assert begins() == "2026-03-02T14:30:00.000000Z"


@pytest.mark.parametrize("zone", [None, "Mars/Olympus", "../etc/passwd"])
def test_without_a_known_zone_the_offset_of_the_click_counts(staffed, asked, clock, zone):
    chosen = {"start_date": "2026-03-02", "start_clock": "15:30"}
    document = staffed.press("alice", card(staffed), "Approve", **chosen)

    deliver(staffed, document | {"localTimezone": zone}, clock)

    assert begins() == "2026-03-02T14:30:00.000000Z"


def test_a_start_without_any_zone_is_asked_for_elsewhere(staffed, asked, clock):
    document = staffed.press("alice", card(staffed), "Approve", start_date="2026-03-02")
    without = {"localTimezone": None, "localTimestamp": None}

    with nothing_happens():
        answer = deliver(staffed, document | without, clock).json()

    assert "which time zone is yours" in told(answer)


def test_a_time_needs_its_day(staffed, asked, clock):
    with nothing_happens():
        answer = press(staffed, "alice", card(staffed), "Approve", clock, start_clock="15:30")

    assert "the day" in told(answer)


def test_a_start_in_the_past_is_refused(staffed, asked, clock):
    answer = press(staffed, "alice", card(staffed), "Approve", clock, start_date="2020-01-01")

    assert "past" in told(answer)
    assert not Review.objects.exists()


# --- who does it --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("who", "why"),
    [("bob", "You may not decide on your own request."), ("mallory", "There is no such")],
)
def test_who_may_not_review_changes_nothing(staffed, asked, clock, who, why):
    with nothing_happens():
        answer = press(staffed, who, card(staffed), "Approve", clock)

    assert why in told(answer)


def test_a_second_click_is_no_second_review(staffed, asked, clock):
    press(staffed, "alice", card(staffed), "Approve", clock)

    with nothing_happens():
        answer = press(staffed, "alice", card(staffed), "Approve", clock)

    assert "already" in told(answer)


def test_a_click_after_the_end_changes_nothing(staffed, asked, ivan, clock):
    deeds.deny(asked, ivan)

    with nothing_happens():
        answer = press(staffed, "alice", card(staffed), "Approve", clock)

    assert "DENIED" in told(answer)


def test_who_was_made_inactive_changes_nothing(staffed, asked, clock):
    cast.apply(cast.person("alice", active=False))

    with nothing_happens():
        answer = press(staffed, "alice", card(staffed), "Approve", clock)

    assert answer["type"] == CARD


@pytest.mark.parametrize(
    "changed", [{"userType": "Guest"}, {"accountEnabled": False}, {"mail": "eve@example.com"}]
)
def test_only_the_organisation_s_own_members_count_by_their_address(
    staffed, asked, clock, changed
):
    staffed.hire("alice", **changed)

    with nothing_happens():
        answer = press(staffed, "alice", card(staffed), "Approve", clock)

    assert answer["type"] == CARD


def test_a_member_without_a_mailbox_counts_by_the_name_he_signs_in_with(staffed, asked, clock):
    staffed.hire("alice", mail=None, userPrincipalName="alice@example.com")

    press(staffed, "alice", card(staffed), "Approve", clock)

    assert Review.objects.get().reviewer.email == "alice@example.com"


def test_while_nobody_says_who_it_is_he_is_asked_to_try_again(staffed, asked, clock):
    document = staffed.press("alice", card(staffed), "Approve")
    deliver(staffed, document | {"type": "message"}, clock)  # the keys are known now
    staffed.will_answer(503)

    with nothing_happens():
        assert deliver(staffed, document, clock).status_code == 503
    assert deliver(staffed, document, clock).json()["value"] == "Your approval counts."


def test_somebody_without_an_account_changes_nothing(staffed, asked, clock):
    document = staffed.press("alice", card(staffed), "Approve")
    document["from"] = {"id": "29:1anonymous", "name": "Guest"}

    with nothing_happens():
        answer = deliver(staffed, document, clock).json()

    assert "who you are" in told(answer)


# --- without the address, accounts are linked by their owners -----------------------------------


def test_a_stranger_gets_a_link_alone_and_decides_in_the_same_card(
    staffed, asked, clock, client, alice
):
    cast.apply(teams_channel(staffed, link_by_email=False))
    before = len(staffed.posted)

    with nothing_happens():
        answer = press(staffed, "alice", card(staffed), "Approve", clock)

    assert (answer["type"], len(staffed.posted)) == (CARD, before)
    shown = answer["value"]
    assert adaptive_cards.is_card(shown)
    assert adaptive_cards.lines(shown)[0] == "This account is linked to nobody here yet."
    link = adaptive_cards.action_named(shown, "Link this account")["url"]
    client.force_login(alice)
    assert client.post(f"/link/{link.split('/link/')[1]}").status_code == 302
    assert LinkedAccount.objects.get().external_id == account_of("alice")

    again = staffed.press("alice", card(staffed), "Approve", reason="now it is me")
    again["value"]["action"] |= {
        name: value
        for name, value in adaptive_cards.action_named(shown, "Approve").items()
        if name != "data"
    }
    assert told(deliver(staffed, again, clock).json()) == "Your approval counts."
    assert Review.objects.get().reason == "now it is me"


def test_who_unlinked_the_account_is_nobody_again(staffed, asked, clock, alice):
    cast.apply(teams_channel(staffed, link_by_email=False))
    channel = ChannelConfig.objects.get(name="teams")
    token = answers.link_address(channel, account_of("alice")).rsplit("/", 1)[1]
    by = cast.actor_of(alice)
    account = answers.link_account(token=token, user=alice, by=by, at=NOON)
    answers.unlink_account(account_id=account.pk, user=alice, by=by, at=NOON)

    with nothing_happens():
        answer = press(staffed, "alice", card(staffed), "Approve", clock)

    assert answer["type"] == CARD


# --- one way, through a flow --------------------------------------------------------------------


def test_a_flow_gets_a_new_card_for_each_news_and_no_button_that_needs_an_answer(
    teams, everybody, bob, alice, ivan, tell
):
    cast.apply(flow_channel(teams), route("flow", "flow"))
    tell()
    request = deeds.ask(bob, "dba", reason="ticket #1")
    tell()
    deeds.deny(request, alice, reason="no")
    tell()

    first, *_, last = teams.flow
    assert "Reason: ticket #1" in adaptive_cards.lines(first)
    assert adaptive_cards.titles(first) == adaptive_cards.titles(last) == ["Open"]
    assert "Denied by Alice" in adaptive_cards.lines(last)[1]
    assert set(Posting.objects.values_list("recipient", flat=True)) == {""}


def test_both_ways_side_by_side(staffed, asked, bob, tell):
    cast.apply(flow_channel(staffed), route("flow", "flow", roles=["staging-*"]))
    tell()
    deeds.ask(bob, "staging-web")
    tell()

    assert len(staffed.flow) == 1
    assert len([one for one in staffed.in_room(SECURITY) if one.titles()]) == 2
