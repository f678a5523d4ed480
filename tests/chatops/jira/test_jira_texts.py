"""What people write stays what they wrote: it links nowhere, calls nobody, and fits."""

import pytest

from chatops.models import Posting
from chatops.states import PostingState
from tests import cast, deeds
from tests.chatops.conftest import route
from tests.chatops.fakes import adf
from tests.chatops.fakes.jira import PLANE, tracking
from tests.chatops.jira.door import deliver, jira_channel, moved

pytestmark = pytest.mark.django_db

EVIL = (
    "[~accountid:557058:ivan] @ivan [the ticket|https://evil.example] https://evil.example "
    "{color:red}*Approved*{color} !https://evil.example/x.png! {noformat} h1. Approved"
)


@pytest.fixture
def server(everybody, clock, tell):
    """A Jira Data Center, in which every request is an issue of the project OPS."""
    with tracking("2") as site:
        cast.apply(jira_channel(site), route("issues", "jira"))
        tell()
        yield site


def test_a_reason_is_text_and_nothing_else(ops, bob, alice, tell):
    request = deeds.ask(bob, "dba", reason=EVIL)
    tell()
    deeds.approve(request, alice, reason=EVIL)
    tell()

    description = ops.issue()["description"]
    assert f"Reason: {EVIL}" in adf.words_of(description)
    assert EVIL in ops.comments()[0]
    assert adf.kinds_of(description) == {"paragraph", "text"}
    assert adf.kinds_of(ops.issue()["comments"][0]) == {"paragraph", "text"}
    assert [link.rpartition("/")[2] for link in adf.links_of(description)] == [str(request.pk)]
    assert adf.links_of(ops.issue()["comments"][0]) == []


def test_what_cannot_be_seen_is_left_out(ops, bob, tell):
    deeds.ask(bob, "dba", reason="line one\nline \u202etwo\u200b")
    tell()

    assert "Reason: line one\nline two\n" in ops.description()


def test_a_long_reason_is_cut(ops, bob, tell):
    deeds.ask(bob, "dba", reason="x" * 4096)
    tell()

    assert "x" * 2999 + "…\n" in ops.description()


def test_a_long_story_is_cut_to_what_jira_takes(ops, bob, alice, ivan, tell):
    request = deeds.ask(bob, "dba", reason="short")
    for reviewer in (alice, ivan):
        for _ in range(5):
            deeds.comment(request, reviewer, reason="\U0001f512" * 1000)
    tell()
    tell()

    assert not Posting.objects.exclude(state=PostingState.SENT).exists()
    assert len(ops.comments()) == 10
    assert "There is more on the page of the request.\n" in ops.description()
    assert ops.description().endswith("Open in Access Plane")


def test_a_long_title_is_cut(ops, tell):
    cast.apply(route("changes", "jira", events=["role.*"]))
    tell()
    cast.apply(cast.role("n" * 120))
    tell()

    assert len(ops.issue()["summary"]) <= 255


# --- a Data Center, whose texts are wiki markup -------------------------------------------------


def test_wiki_markup_in_a_reason_does_nothing(server, bob, tell):
    request = deeds.ask(bob, "dba", reason=EVIL)
    tell()

    description = server.description()
    before, inside, after = description.split("{noformat}")
    assert before == ""
    assert "[~" not in inside
    assert "{color" not in inside
    assert "Reason: [\u200b~accountid:557058:ivan] @ivan" in inside
    (link,) = after.splitlines()[1:]
    assert link.startswith("[Open in Access Plane|http")
    assert link.endswith(f"/requests/{request.pk}]")


def test_a_data_center_hears_of_reviews_and_is_heard(server, bob, tell, clock):
    deeds.ask(bob, "staging-web")
    tell()

    assert deliver(moved(server, "alice", "Approved", clock)) == 200
    tell()

    assert server.status() == "Approved"
    assert "Approved by Alice" in server.comments()[-1]


def test_the_plane_s_own_account_decides_nothing_in_a_data_center(server, bob, tell, clock):
    deeds.ask(bob, "staging-web")
    tell()

    assert deliver(server.move(PLANE, "Approved", at=clock.now())) == 202
    assert server.comments() == []
