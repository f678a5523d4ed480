"""What the plane writes into Mattermost: to whom, how often, how safely, and what a no means."""

import json
import re

import pytest

from audit.models import AuditEvent
from chatops.channels.mattermost.looks import _clipped, escaped
from chatops.models import ChannelConfig, Posting
from chatops.states import PostingState
from requests_app.models import AccessRequest
from tests import cast, deeds
from tests.chatops.conftest import posting, route
from tests.chatops.fakes.mattermost_posts import mentions_in, rendered
from tests.chatops.mattermost_door import mattermost_channel
from tests.deeds import later

pytestmark = pytest.mark.django_db

EVIL = (
    "@channel @all x.@here -@alice &#64;channel &commat;all\n"
    "[the ticket](https://evil.example) https://evil.example www.evil.example evil.example/a\n"
    "<https://evil.example> mailto:eve@evil.example ![](https://evil.example/a.png)\n"
    "# Approved\n**Approved** `Approved` ~~no~~ ~town-square :white_check_mark: | a | b |\n- a\n+ a"
)
# What would mean something, of what is not escaped.
WORKS = re.compile(r"://|www\.|mailto:e|\]\(|&#|&c|\*\*|`|~~|~t|:w|@\w")


@pytest.fixture
def changes(town, told):
    """Only the channel security is told, and of one thing: there is a new role."""
    cast.apply(route("room", "mattermost", recipients=["plane/security"], events=["role.*"]))
    told()
    cast.apply(cast.role("new"))


@pytest.fixture
def request_there(town, bob):
    """Bob's request for staging-web, of which nobody has heard yet."""
    return deeds.ask(bob, "staging-web", reason="ticket #1")


def problem():
    return ChannelConfig.objects.get(name="mattermost").problem


def to_room(recipient="plane/security"):
    return posting(recipient=recipient)


# --- whom ---------------------------------------------------------------------------------------


def test_people_are_found_by_their_address(town, bob, told):
    deeds.ask(bob, "dba")
    told()

    found = {made.rpartition("/")[2] for made, _ in town.calls if "/users/email/" in made}
    assert found == {f"{name}@example.com" for name in ("bob", "alice", "ivan")}
    assert "Your request for dba" in town.card("bob").said
    assert "Bob asks for dba" in town.card("alice").said
    assert town.seen_in("carol") == []


def test_an_id_of_a_channel_is_a_recipient_as_well(town, changes, told):
    cast.apply(route("ops", "mattermost", recipients=[town.found("ops")], events=["role.*"]))
    told()

    assert "role.created: new" in town.card("ops").said


def test_each_recipient_of_a_route_gets_a_post(town, changes, told):
    town.found("ops")
    cast.apply(
        route(
            "room", "mattermost", recipients=["plane/ops", "plane/security"], events=["role.*"]
        )
    )
    told()

    assert town.card("ops").id != town.card("security").id


@pytest.mark.parametrize(
    ("recipient", "said"),
    [
        ("plane/nowhere", "Mattermost shows the bot no channel 'plane/nowhere'."),
        ("other/security", "Mattermost shows the bot no channel 'other/security'."),
        ("plane/attic", "The channel 'plane/attic' is archived."),
        ("#security", "'#security' is no channel (team/channel, or an id) and no address."),
        ("a/../b", "'a/../b' is no channel (team/channel, or an id) and no address."),
        ("eve@example.com", "Nobody in Mattermost has the address eve@example.com."),
        ("zoe@example.com", "zoe@example.com is deactivated there."),
    ],
)
def test_a_recipient_that_is_not_there_fails_alone(town, changes, told, recipient, said):
    town.found("attic", delete_at=1772452800000)
    town.hire("zoe", delete_at=1772452800000)
    cast.apply(route("room", "mattermost", recipients=[recipient], events=["role.*"]))
    told()

    assert to_room(recipient).state == PostingState.FAILED
    assert (to_room(recipient).error, problem()) == (said, "")
    assert town.posts == {}


def test_a_channel_without_the_bot(town, changes, told):
    town.found("secret", is_foreign=True)
    cast.apply(route("room", "mattermost", recipients=["plane/secret"], events=["role.*"]))
    told()

    assert (
        problem() == "The bot may not do this in Mattermost (403): invite it into the channel."
    )


def test_people_cannot_be_found_where_addresses_are_hidden(town, bob, told):
    town.shows_email = town.is_administrator = False
    deeds.ask(bob, "dba")
    told()

    said = "The bot may not do this in Mattermost (403): it may not see e-mail addresses."
    assert posting(recipient="bob@example.com").error == said
    assert to_room().state == PostingState.SENT


# --- what ---------------------------------------------------------------------------------------


def test_what_somebody_wrote_mentions_nobody_and_hides_no_link(town, bob, desk, told):
    deeds.ask(bob, "dba", reason=EVIL)
    told()
    deeds.comment(AccessRequest.objects.get(), cast.called("alice"), reason=EVIL)
    told(later(minutes=1))

    for post in town.posts.values():
        assert mentions_in(post) == set()
        assert WORKS.findall(re.sub(r"\\.", "\0", post.words)) == []
    assert rendered(escaped(EVIL)) == EVIL
    assert EVIL in town.card("security").said
    desk.press("alice", town.card("alice"), "Approve")
    shown = town.window("alice")["introduction_text"]
    assert "://" not in shown
    assert "@c" not in shown


@pytest.mark.parametrize(
    "text",
    ["18:40 UTC", "1 of 2 approvals (two people)", "ends at 3.5", "db-prod", "a - b", "100%"],
)
def test_plain_words_stay_as_they_are(text):
    assert escaped(text) == text


@pytest.mark.parametrize("sign", ["*", "\\", "@", "<", "a"])
@pytest.mark.parametrize("most", [10, 11, 12, 13])
def test_what_is_cut_has_no_half_of_an_escape_at_its_end(sign, most):
    cut = _clipped(sign * 50, most)

    assert most - 2 <= len(cut) <= most
    assert rendered(cut) == sign * (len(rendered(cut)) - 1) + "…"


def test_the_longest_texts_fit(town, bob, told, desk):
    """Every reason at its limit, in signs that grow when they are escaped."""
    request = deeds.ask(bob, "dba", reason="*" * 4096)
    for number in range(30):
        deeds.comment(request, cast.called("alice"), reason=f"{number}\n" + "@" * 4000)
    for minutes in range(8):
        told(later(minutes=minutes))

    assert Posting.objects.exclude(state=PostingState.SENT).count() == 0
    card = town.card("ivan")
    assert "There is more to know" in card.words
    assert len(json.dumps(card.props)) < 100_000
    desk.press("ivan", card, "Approve")
    assert "There is more to know" in town.window("ivan")["introduction_text"]
    assert len(town.window("ivan")["introduction_text"]) < 5000


def test_what_a_client_is_shown_of_a_post_holds_no_context(town, request_there, told, settings):
    told()

    shown = json.dumps(town.card("security").for_clients())
    assert "signature" not in shown
    buttons = town.card("security").actions
    address = f"{settings.ACCESSPLANE_PUBLIC_URL}/chatops/mattermost/actions"
    assert {one["integration"]["url"] for one in buttons} == {address}
    assert [one["style"] for one in buttons] == ["success", "danger"]


def test_news_of_something_else_has_no_buttons(town, changes, told):
    told()

    assert town.card("security").attachment["title"] == "role.created: new"
    assert town.card("security").buttons == []


# --- once ---------------------------------------------------------------------------------------


def test_a_lost_answer_makes_no_second_post(town, changes, told, clock):
    town.loses = ["POST /posts"]
    told()
    assert to_room().state == PostingState.DUE
    told(clock.move(seconds=10))

    assert len(town.called("POST /posts")) >= 2
    assert to_room().posted.endswith(town.card("security").id)


def test_a_lost_answer_makes_no_second_reply(town, request_there, alice, told, clock):
    told()
    deeds.comment(request_there, alice, reason="why?")
    town.loses = ["POST /posts"]
    told(clock.move(minutes=1))
    told(clock.move(seconds=10))

    assert len(town.thread(town.card("security"))) == 1


def test_the_card_is_edited_and_not_posted_again(town, request_there, alice, told):
    told()
    card = town.card("security")
    deeds.approve(request_there, alice)
    told(later(minutes=1))
    told(later(minutes=2))

    assert town.card("security") is card
    assert card.edits >= 1
    assert card.attachment["color"] == "#2e8b57"


@pytest.mark.parametrize("how", ["deleted", "gone", "closed"])
def test_a_card_that_cannot_be_edited_is_posted_anew(town, request_there, alice, told, how):
    told()
    old = town.card("security")
    old.delete_at = 1 if how == "deleted" else 0
    if how == "gone":
        del town.posts[old.id]
    if how == "closed":
        code = "api.post.update_post.permissions_time_limit.app_error"
        town.will_answer(f"PUT /posts/{old.id}", 400, {"id": code})
    deeds.comment(request_there, alice, reason="why?")
    told(later(minutes=1))

    newest = [post for post in town.seen_in("security") if not post.root_id][-1]
    assert newest.id != old.id
    assert "Alice commented: why?" in newest.said
    assert newest.buttons == ["Approve", "Deny"]


# --- what goes wrong ----------------------------------------------------------------------------


def test_a_wrong_token_is_not_tried_again(town, changes, told):
    cast.apply(mattermost_channel(town, token="wrong"))
    told()

    said = "Mattermost does not take the token (401): it was revoked, or is another one."
    assert (to_room().state, to_room().error) == (PostingState.FAILED, said)
    assert problem() == said
    assert AuditEvent.objects.filter(type="posting.failed").count() == 1


@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        ({"retry_after": "90"}, 90),
        ({"x_ratelimit_reset": "70"}, 70),
        ({"retry_after": "90", "x_ratelimit_reset": "7"}, 90),
        ({"x_ratelimit_reset": "1772452870"}, 5),
        ({"retry_after": "soon"}, 5),
        ({}, 5),
    ],
)
def test_mattermost_may_ask_to_be_left_alone(town, changes, told, headers, wait):
    town.will_answer("POST /posts", 429, **headers)
    told(later(minutes=1))

    retry = to_room()
    assert (retry.state, retry.error) == (
        PostingState.DUE,
        "Mattermost wants fewer calls (429).",
    )
    waited = (retry.next_at - later(minutes=1)).total_seconds()
    assert wait * 0.5 <= waited <= wait * 1.5 + 1
    told(later(minutes=5))
    assert to_room().state == PostingState.SENT


@pytest.mark.parametrize("status", [408, 500, 502, 503])
def test_what_passes_is_tried_again(town, changes, told, status):
    town.will_answer("POST /posts", status, {"id": "api.some.app_error"})
    told(later(minutes=1))
    assert to_room().error == f"Mattermost answered {status}: api.some.app_error."
    assert to_room().state == PostingState.DUE
    told(later(minutes=5))

    assert to_room().state == PostingState.SENT
    assert problem() == ""


@pytest.mark.parametrize("body", [["x"], {"id": 1}, {"id": "p"}, "x"])
def test_an_answer_that_cannot_be_read_is_tried_again(town, changes, told, body):
    town.will_answer("POST /posts", 201, body)
    told(later(minutes=1))

    assert to_room().error == "Mattermost answered with something unreadable."
    assert to_room().state == PostingState.DUE


def test_a_server_that_cannot_be_reached_is_tried_again(town, changes, told):
    cast.apply(mattermost_channel(town, url="http://127.0.0.1:9/chat"))
    told(later(minutes=1))

    assert to_room().error == "127.0.0.1 could not be reached, or broke off."
    assert to_room().state == PostingState.DUE
    assert problem() == ""


def test_a_redirect_is_not_followed(town, changes, told):
    town.will_answer("GET /teams/", 302, location="http://127.0.0.1:1/")
    told()

    assert to_room().state == PostingState.FAILED
