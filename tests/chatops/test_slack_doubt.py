"""What may have arrived is looked for before it is posted again: nothing comes twice."""

from datetime import timedelta

import pytest

from audit import services
from chatops import lifecycle
from chatops.channels import registry
from chatops.channels.slack.history import SKEW
from chatops.models import ChannelConfig, Posting
from chatops.services import sending
from tests import cast, deeds
from tests.cast import NOON
from tests.chatops.conftest import route
from tests.chatops.fakes.block_kit import Shown
from tests.deeds import later

pytestmark = pytest.mark.django_db

POST = "chat.postMessage"
BY_ROOM = [
    ("#security", "C0SECURITY"),
    ("security", "C0SECURITY"),
    ("C0SECURITY", "C0SECURITY"),
    ("U0CAROL", "U0CAROL"),
    ("carol@example.com", "U0CAROL"),
]


@pytest.fixture
def in_doubt(space):
    """`in_doubt(recipient)`: the posting to a room of Bob's request; its answer got lost."""

    def lose(recipient: str = "#security") -> Posting:
        cast.apply(route("room", "slack", recipients=[recipient]))
        deeds.ask(cast.called("bob"), "staging-db")
        space.lose[POST] = 1
        send(NOON)
        return posting(recipient)

    return lose


def send(at) -> None:
    """The room alone is told: people hear of it elsewhere."""
    services.drain(at=at)
    Posting.objects.filter(route=None).delete()
    sending.send_due(at=at)


def posting(recipient: str = "#security", **more) -> Posting:
    return Posting.objects.get(recipient=recipient, **more)


# --- what is there ----------------------------------------------------------------------------


@pytest.mark.parametrize(("recipient", "place"), BY_ROOM)
def test_a_card_whose_answer_got_lost_is_found(space, in_doubt, recipient, place):
    lost = in_doubt(recipient)
    assert (lost.state, lost.in_doubt_since is not None) == ("DUE", True)

    send(later(minutes=1))

    card = space.card(place)
    assert "Bob asks for staging-db" in card.words
    found = posting(recipient)
    assert (found.state, found.posted) == ("SENT", f"{card.channel}:{card.ts}")
    assert (found.in_doubt_since, found.error) == (None, "")


def test_what_was_found_goes_on(space, in_doubt):
    in_doubt()
    send(later(minutes=1))
    request = cast.called("bob").access_requests.get()
    deeds.comment(request, cast.called("dana"), reason="one moment", at=later(minutes=2))
    send(later(minutes=2))

    card = space.card("C0SECURITY")
    assert card.edits == 1
    assert [one.text for one in space.thread(card)] == [space.thread(card)[0].text]
    assert "one moment" in space.thread(card)[0].words


def test_news_in_a_thread_whose_answer_got_lost_are_found(space, told):
    request = deeds.ask(cast.called("bob"), "dba")
    told()
    deeds.approve(request, cast.called("alice"), at=later(minutes=1))
    space.lose[POST] = 4
    told(later(minutes=1))
    told(later(minutes=3))

    assert set(Posting.objects.values_list("state", flat=True)) == {"SENT"}
    for place in ("C0SECURITY", "U0BOB", "U0ALICE", "U0IVAN"):
        assert len(space.thread(space.card(place))) == 1


def test_a_card_that_replaced_one_that_was_taken_away_is_found(space, in_doubt):
    in_doubt()
    send(later(minutes=1))
    space.messages.clear()
    request = cast.called("bob").access_requests.get()
    deeds.comment(request, cast.called("dana"), at=later(minutes=2))
    space.lose[POST] = 1
    send(later(minutes=2))
    send(later(minutes=4))

    card = space.card("C0SECURITY")
    last = posting(entry__event__type="access_request.reviewed")
    assert (last.state, last.posted) == ("SENT", f"C0SECURITY:{card.ts}")


def test_it_is_found_behind_much_else(space, in_doubt):
    in_doubt()
    for number in range(120):
        ts = f"{space.now() + 1:.0f}.{number:06}"
        space.messages.append(Shown("C0SECURITY", ts, "lunch?", [], user="U0CAROL"))
    ours = space.messages[0].ts

    send(later(minutes=1))

    assert posting().posted == f"C0SECURITY:{ours}"
    assert len(space.called("conversations.history")) == 2


def test_the_search_goes_back_to_the_first_try(space, in_doubt):
    since = in_doubt().in_doubt_since
    assert since == NOON or since - NOON < timedelta(seconds=5)
    space.lose[POST] = 1
    space.messages.clear()
    send(later(minutes=1))
    assert posting().in_doubt_since == since
    send(later(minutes=5))

    oldest = [float(call["oldest"]) for call in space.called("conversations.history")]
    assert oldest == [pytest.approx((since - SKEW).timestamp())] * 2
    assert space.card("C0SECURITY")


def test_a_worker_that_vanished_leaves_a_doubt(space, told, in_doubt):
    deeds.ask(cast.called("bob"), "staging-db")
    services.drain(at=NOON)
    Posting.objects.filter(route=None).delete()
    taken = lifecycle.lease(at=later(seconds=7), paces=registry.paces())
    assert taken.posting.in_doubt_since is None
    sending._post(taken.posting, "", at=later(seconds=7))

    sending.send_due(at=later(seconds=30))
    assert posting().in_doubt_since is None
    sending.send_due(at=later(minutes=2))

    assert posting().state == "SENT"
    assert space.card("C0SECURITY")
    (search,) = space.called("conversations.history")
    assert float(search["oldest"]) == (later(seconds=7) - SKEW).timestamp()


def test_what_was_given_up_in_doubt_is_looked_for_when_it_is_sent_again(
    space, in_doubt, as_, dana
):
    lost = in_doubt()
    space.refuse["conversations.history"] = ["internal_error"]
    send(lost.give_up_at)
    assert posting().state == "FAILED"
    as_(dana).post(f"postings/{lost.pk}/send/")
    send(lost.give_up_at + timedelta(hours=1))

    assert (posting().state, len(space.messages)) == ("SENT", 1)


# --- what is not there ------------------------------------------------------------------------


def test_what_is_not_there_is_posted(space, in_doubt):
    in_doubt()
    space.messages.clear()

    send(later(minutes=1))

    assert "Bob asks" in space.card("C0SECURITY").words
    assert posting().state == "SENT"


def test_what_slack_refused_is_not_looked_for(space, told):
    space.refuse[POST] = ["ratelimited", (429, {"retry-after": "1"}, {})]
    deeds.ask(cast.called("bob"), "staging-db")
    send(NOON)
    send(later(minutes=1))
    send(later(minutes=3))

    assert (posting().state, posting().tries) == ("SENT", 3)
    assert space.called("conversations.history") == []


@pytest.mark.parametrize("change", ["user", "key", "event_type"])
def test_what_is_not_ours_or_not_this_is_no_find(space, in_doubt, change):
    """Everybody's apps read what we write beside a message, and can write the same."""
    in_doubt()
    (other,) = space.messages
    if change == "user":
        other.user = "U0MALLORY"
    elif change == "key":
        other.metadata["event_payload"]["key"] = "another"
    else:
        other.metadata["event_type"] = "something_else"

    send(later(minutes=1))

    assert len(space.seen_in("C0SECURITY")) == 2
    assert posting().posted != f"C0SECURITY:{other.ts}"


# --- where it cannot be looked for ------------------------------------------------------------


@pytest.mark.parametrize("scope", ["channels:history", "channels:read"])
def test_without_the_permission_it_is_posted_again_and_the_log_says_so(
    space, in_doubt, scope, caplog
):
    space.scopes.discard(scope)
    in_doubt()

    send(later(minutes=1))

    assert posting().state == "SENT"
    assert len(space.seen_in("C0SECURITY")) == 2
    assert "A message may come twice" in caplog.text
    assert "missing_scope" in caplog.text
    assert "xoxb" not in caplog.text
    assert ChannelConfig.objects.get().problem == ""


@pytest.mark.parametrize(
    "answer", ["ratelimited", "internal_error", (500, {}, {}), (200, {}, ["no object"])]
)
def test_while_it_cannot_be_looked_for_it_waits(space, in_doubt, answer):
    in_doubt()
    space.refuse["conversations.history"] = [answer]
    send(later(minutes=1))
    assert (posting().state, len(space.messages)) == ("DUE", 1)

    send(later(minutes=5))

    assert (posting().state, len(space.messages)) == ("SENT", 1)


def test_a_room_that_the_app_left_is_told_nothing(space, in_doubt):
    in_doubt()
    space.channels["C0SECURITY"]["is_member"] = False

    send(later(minutes=1))

    assert (posting().state, len(space.messages)) == ("FAILED", 1)
    assert "not_in_channel" in posting().error
