"""Who is told of what (SEMANTICS 9.3, 9.4), and that a conversation goes on where it began."""

from datetime import timedelta

import pytest
from django.core.management import call_command

from accessplane.lib.errors import InvalidInput, NotPermitted
from audit import services
from chatops import composing, samples
from chatops.messages import Audience, Deed, Mood
from chatops.models import ChannelConfig, LinkedAccount, Posting
from chatops.services import answers, preferences, sending
from requests_app.services import granting, timekeeping
from tests import cast, deeds
from tests.cast import NOON, actor_of
from tests.chatops.conftest import route
from tests.chatops.pigeon import pigeons
from tests.deeds import later
from tests.witness import nothing_happens

pytestmark = pytest.mark.django_db

BOB, ALICE, IVAN, CAROL = (f"{name}@example.com" for name in ("bob", "alice", "ivan", "carol"))
ROOM = "#security"


@pytest.fixture
def told(clock):
    """`told()`: a minute later, what was recorded is delivered and sent, as the jobs would."""

    def tell(at=None):
        at = at or clock.move(minutes=1)
        services.drain(at=at)
        return sending.send_due(at=at)

    return tell


def to_the_room(**spec):
    cast.apply(route("security", "pigeons", recipients=[ROOM], **spec))


# --- who ----------------------------------------------------------------------------------------


def test_r9_3_the_suggested_reviewers_are_told_and_nobody_else(loft, bob, told):
    deeds.ask(bob, "dba", suggested_reviewers=(ALICE,))

    told()

    assert sorted(loft.recipients()) == [ALICE, BOB]


def test_r9_3_without_suggestions_and_rooms_all_who_may_review_are_told(loft, carol, told):
    deeds.ask(carol, "staging-web")

    told()

    assert set(loft.recipients()) == {CAROL, BOB, ALICE, IVAN}


def test_r9_3_a_room_is_told_and_then_not_all_who_may_review(loft, carol, told):
    to_the_room(roles=["staging-*"])
    deeds.ask(carol, "staging-web")

    told()

    assert set(loft.recipients()) == {CAROL, ROOM}


def test_r9_3_a_room_and_the_suggested_reviewers_are_told(loft, bob, told):
    to_the_room()
    deeds.ask(bob, "dba")  # suggests Alice and Ivan

    told()

    assert set(loft.recipients()) == {BOB, ROOM, ALICE, IVAN}


def test_r9_3_a_dry_run_names_the_room_and_the_suggested_reviewers(loft, bob, as_):
    to_the_room(roles=["dba"])

    def recipients(**wish):
        answer = as_(bob).post("access-requests/", {"dry_run": True} | wish)
        return answer.json()["plan"]["recipients"]

    assert recipients(roles=["dba"]) == [ROOM, ALICE, IVAN]
    assert ROOM not in recipients(roles=["staging-web"])


def test_r9_3_a_program_behind_a_webhook_is_nobody_who_is_told(loft, carol, told):
    hook = {"url": "http://127.0.0.1:9/", "secret": "a plain secret"}
    cast.apply(
        cast.document("channel", "siem", {"type": "webhook", "settings": hook}),
        route("siem", "siem"),
    )
    deeds.ask(carol, "staging-web")

    told()

    assert set(loft.recipients()) == {CAROL, BOB, ALICE, IVAN}


def test_r9_3_the_requester_is_never_told_as_a_reviewer(loft, ivan, told):
    deeds.ask(ivan, "staging-web", suggested_reviewers=(IVAN, ALICE))

    told()

    assert [f.message.audience for f in loft.to(IVAN)] == [Audience.REQUESTER]


def test_a_bot_reads_no_messages(loft, robot, told):
    deeds.ask(robot, "dba")

    told()

    assert set(loft.recipients()) == {ALICE, IVAN}


def test_r9_4_the_requester_hears_of_every_change(loft, bob, alice, ivan, told, clock):
    request = deeds.ask(bob, "dba", reason="ticket #1")
    told()
    deeds.review(request, alice, "APPROVE", reason="fine")
    told()
    deeds.review(request, ivan, "APPROVE")
    told()
    end = later(hours=8)
    timekeeping.keep_time(at=end - timedelta(minutes=10))
    told(end - timedelta(minutes=9))
    timekeeping.keep_time(at=end)
    told(end + timedelta(minutes=1))

    assert loft.news_to(BOB) == [
        "Received. It waits for a decision until Mon 9 Mar 2026, 12:00 UTC.",
        "Alice approved: fine",
        "Ivan approved.",
        "Approved by Alice and Ivan, until Mon 2 Mar 2026, 20:00 UTC.",
        "Access begins now and lasts until Mon 2 Mar 2026, 20:00 UTC.",
        "Access ends soon, at Mon 2 Mar 2026, 20:00 UTC.",
        "Its time is over.",
    ]


def test_what_somebody_does_not_want_to_hear_is_not_sent(loft, bob, alice, told):
    preferences.choose(user=alice, ticked={f"pigeons:{Audience.REQUESTER}"})
    preferences.choose(user=bob, ticked={f"pigeons:{Audience.REVIEWER}"})
    deeds.ask(bob, "dba")

    told()

    assert loft.recipients() == [IVAN]


def test_a_channel_that_is_not_active_tells_nobody(loft, bob, told):
    cast.apply(pigeons(active=False))
    deeds.ask(bob, "dba")

    told()

    assert loft.flights == []


# --- how it goes on -----------------------------------------------------------------------------


def test_who_was_told_of_the_beginning_hears_how_it_goes_on(loft, bob, alice, ivan, told):
    to_the_room()
    request = deeds.ask(bob, "dba")
    told()
    deeds.review(request, alice, "APPROVE", reason="fine")
    told()

    for recipient in (ROOM, ALICE, IVAN):
        first, second = loft.to(recipient)
        assert second.posted == f"card for {recipient}"
        assert first.message.title == second.message.title
        assert second.message.news == "Alice approved: fine"


def test_the_end_is_said_and_nothing_is_asked_any_more(loft, bob, alice, ivan, told):
    request = deeds.ask(bob, "dba")
    told()
    assert loft.to(ALICE)[0].message.deeds == (Deed.APPROVE, Deed.DENY)
    assert loft.to(ALICE)[0].message.mood == Mood.WAITING
    deeds.review(request, alice, "DENY", reason="not now")
    told()

    last = loft.to(ALICE)[-1].message
    assert (last.news, last.deeds, last.mood) == ("Denied by Alice: not now", (), Mood.BAD)


def test_what_is_late_shows_how_things_stand_now(loft, bob, alice, ivan, told):
    request = deeds.ask(bob, "dba")
    deeds.approve(request, alice)
    deeds.approve(request, ivan)

    told()

    assert all(flight.message.deeds == () for flight in loft.to(ALICE))
    assert all(flight.message.mood == Mood.GOOD for flight in loft.to(ALICE))


def test_who_was_not_told_of_the_beginning_does_not_hear_of_the_rest(loft, bob, alice, told):
    request = deeds.ask(bob, "dba", suggested_reviewers=(IVAN,))
    told()
    deeds.review(request, alice, "COMMENT", reason="hm")
    told()

    assert loft.to(ALICE) == []
    assert len(loft.to(IVAN)) == 2


def test_the_holder_may_extend_and_give_back_while_access_lasts(loft, bob, alice, ivan, told):
    request = deeds.ask(bob, "dba")
    deeds.approve(request, alice)
    deeds.approve(request, ivan)
    told()
    began = loft.to(BOB)[-1].message
    assert began.deeds == (Deed.EXTEND, Deed.GIVE_BACK)
    grant = request.grants.get()
    assert began.object_id == grant.pk
    granting.end_grant(grant_id=grant.pk, user=bob, reason="", by=actor_of(bob), at=NOON)
    told()

    ended = loft.to(BOB)[-1].message
    assert (ended.news, ended.deeds) == ("You gave it back.", ())


# --- what is said -------------------------------------------------------------------------------


def test_a_message_says_what_a_reviewer_wants_to_know(loft, bob, alice, told):
    request = deeds.ask(bob, "dba", reason="ticket #1")
    deeds.review(request, alice, "APPROVE", reason="fine")
    told()

    message = loft.to(IVAN)[0].message
    assert message.title == "Bob asks for dba for 8 hours"
    assert message.link.endswith(f"/requests/{request.pk}")
    assert [(fact.label, fact.value) for fact in message.facts] == [
        ("Roles", "dba"),
        ("Reason", "ticket #1"),
        ("For", "8 hours"),
        ("Waits until", NOON + timedelta(days=7)),
        ("Needed", "1 of 2 approvals (two people)"),
        ("Review", "Alice approved: fine"),
    ]


def test_an_operators_own_sentences_come_first(loft, bob, told, settings, tmp_path):
    own = tmp_path / "chatops/messages/requester/access_request.created.txt"
    own.parent.mkdir(parents=True)
    own.write_text("Ticket for {{ requester }}\nWe <will> look at {{ roles }}.")
    settings.ACCESSPLANE_TEMPLATES = str(tmp_path)
    deeds.ask(bob, "dba")

    told()

    message = loft.to(BOB)[0].message
    assert (message.title, message.news) == ("Ticket for Bob", "We <will> look at dba.")


def test_an_operators_slip_costs_the_wording_and_not_the_message(
    loft, bob, told, settings, tmp_path
):
    own = tmp_path / "chatops/messages/requester/access_request.created.txt"
    own.parent.mkdir(parents=True)
    own.write_text("{% if %}")
    settings.ACCESSPLANE_TEMPLATES = str(tmp_path)
    deeds.ask(bob, "dba")

    told()

    assert loft.to(BOB)[0].message.title == "Your request for dba"


@pytest.mark.parametrize("audience", list(Audience))
@pytest.mark.parametrize("name", samples.TYPES)
def test_each_message_can_be_looked_at_with_sample_data(name, audience, noon):
    message = composing.message_of(samples.scene(name, audience, at=noon))

    assert message.title.startswith(("Bob", "Your"))
    assert message.news.endswith((".", "caution")) or ": " in message.news
    assert "{" not in message.title + message.news


def test_the_command_prints_them(db, capsys):
    call_command("preview_messages", "access_request.approved", "--audience", "requester")

    shown = capsys.readouterr().out
    assert "Your request for dba" in shown
    assert "Approved by Alice, until" in shown


# --- who is who there ---------------------------------------------------------------------------


@pytest.fixture
def channel(loft):
    return ChannelConfig.objects.get(name="pigeons")


def token_for(channel, account):
    return answers.link_address(channel, account).rsplit("/", 1)[1]


def test_an_account_that_nobody_linked_is_nobody(channel):
    with pytest.raises(answers.NotLinked) as refusal:
        answers.user_behind(channel, "U1")

    assert "/link/" in refusal.value.link


def test_an_account_is_linked_once_by_a_link_that_works_once(channel, alice, bob):
    token = token_for(channel, "U1")
    answers.link_account(token=token, user=alice, by=actor_of(alice), at=NOON)

    assert answers.user_behind(channel, "U1") == alice
    with nothing_happens(), pytest.raises(InvalidInput):
        answers.link_account(token=token, user=bob, by=actor_of(bob), at=NOON)
    assert LinkedAccount.objects.get().user == alice


def test_a_forged_link_links_nobody(channel, alice):
    with nothing_happens(), pytest.raises(InvalidInput):
        answers.link_account(
            token=token_for(channel, "U1")[:-2] + "xx", user=alice, by=actor_of(alice), at=NOON
        )


def test_a_bot_has_no_account(channel, robot):
    with nothing_happens(), pytest.raises(NotPermitted):
        answers.link_account(
            token=token_for(channel, "U1"), user=robot, by=actor_of(robot), at=NOON
        )


def test_who_was_made_inactive_is_nobody(channel, alice):
    token = token_for(channel, "U1")
    answers.link_account(token=token, user=alice, by=actor_of(alice), at=NOON)
    cast.apply(cast.person("alice", active=False))

    with pytest.raises(answers.NotLinked):
        answers.user_behind(channel, "U1")


def test_a_verified_address_counts_only_when_it_is_given(channel, alice):
    assert answers.user_behind(channel, "U1", verified_email="ALICE@example.com") == alice
    with pytest.raises(answers.NotLinked):
        answers.user_behind(channel, "U1")


def test_nothing_is_heard_twice(channel):
    assert answers.hear(channel, "k", at=NOON)
    assert not answers.hear(channel, "k", at=NOON)


def test_unlinking_is_for_ones_own_accounts(channel, alice, bob):
    token = token_for(channel, "U1")
    account = answers.link_account(token=token, user=alice, by=actor_of(alice), at=NOON)

    with nothing_happens():
        answers.unlink_account(account_id=account.pk, user=bob, by=actor_of(bob), at=NOON)
    assert LinkedAccount.objects.exists()
    answers.unlink_account(account_id=account.pk, user=alice, by=actor_of(alice), at=NOON)
    assert not LinkedAccount.objects.exists()


def test_each_recipient_is_owed_an_event_once(loft, bob, told):
    cast.apply(
        route("one", "pigeons", recipients=[ALICE]), route("two", "pigeons", recipients=[ALICE])
    )
    deeds.ask(bob, "dba")
    told()

    assert Posting.objects.filter(recipient=ALICE).count() == 1
