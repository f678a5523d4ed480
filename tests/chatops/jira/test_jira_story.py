"""Bob asks, an issue says so, Alice and Ivan move it: their reviews count, and nothing else."""

import pytest

from audit.models import AuditEvent
from chatops.models import ChannelConfig, LinkedAccount, Posting
from chatops.services import answers
from chatops.states import PostingState
from requests_app.models import AccessRequest
from requests_app.services import timekeeping
from requests_app.states import RequestState
from reviews.models import Review
from tests import cast, deeds
from tests.cast import NOON
from tests.chatops.fakes import adf
from tests.chatops.fakes.jira import PLANE
from tests.chatops.jira.door import TRANSITIONS, deliver, jira_channel, moved
from tests.witness import nothing_happens

pytestmark = pytest.mark.django_db


def state(request):
    return AccessRequest.objects.get(pk=request.pk).state


def refused(site):
    """The last comment, which says that nothing changed."""
    comment = site.comments()[-1]
    assert comment.startswith("Access Plane: what ")
    assert " did changes nothing. " in comment
    return comment


# --- the story ----------------------------------------------------------------------------------


def test_an_issue_says_what_is_asked_for(ops, ticket):
    issue = ops.issue()

    assert (issue["summary"], issue["project"], issue["status"]) == (
        "Bob asks for staging-web for 8 hours",
        "OPS",
        "To Do",
    )
    assert issue["labels"] == ["access-plane", f"access-plane-{ticket.pk}"]
    assert ops.description().splitlines() == [
        "Waits until Mon 9 Mar 2026, 12:00 UTC.",
        "Roles: staging-web",
        "Reason: ticket #1",
        "For: 8 hours",
        "Waits until: Mon 9 Mar 2026, 12:00 UTC",
        "Needed: 0 of 1 approval (one colleague)",
        "Whoever may review it approves by moving the issue to Approved. "
        "Whoever may review it denies by moving the issue to Declined.",
        "Open in Access Plane",
    ]
    (link,) = adf.links_of(issue["description"])
    assert link.endswith(f"/requests/{ticket.pk}")
    assert ops.comments() == []


def test_two_people_approve_by_moving_it(ops, pair, tell, clock):
    assert deliver(moved(ops, "alice", "Approved", clock)) == 200

    assert (state(pair), ops.status()) == (RequestState.PENDING, "Approved")
    tell()
    assert ops.comments() == [
        "Alice approved: Moved to Approved in Jira\nNeeded: 1 of 2 approvals (two people)"
    ]
    assert ops.status() == "To Do"
    assert deliver(moved(ops, "ivan", "Approved", clock)) == 200
    tell()
    assert (state(pair), ops.status()) == (RequestState.APPROVED, "Approved")
    assert ops.comments()[1:] == [
        "Ivan approved: Moved to Approved in Jira",
        "Approved by Alice and Ivan, until Mon 2 Mar 2026, 20:03 UTC.",
    ]
    assert "Review: Alice approved: Moved to Approved in Jira" in ops.description()
    assert "Needed" not in ops.description()
    assert "moving the issue" not in ops.description()
    assert len(ops.issues) == 1
    assert not Posting.objects.exclude(state=PostingState.SENT).exists()


def test_the_review_says_who_it_was_and_where(ops, ticket, clock):
    deliver(moved(ops, "alice", "Approved", clock))

    review = Review.objects.get()
    assert (review.reviewer.email, review.decision) == ("alice@example.com", "APPROVE")
    assert (review.reason, review.via) == ("Moved to Approved in Jira", "jira")
    recorded = AuditEvent.objects.get(type="access_request.reviewed")
    assert (recorded.actor_name, recorded.actor_via) == ("alice@example.com", "jira")


def test_moving_it_to_the_other_status_denies(ops, ticket, tell, clock):
    deliver(moved(ops, "alice", "Declined", clock))
    tell()

    assert (state(ticket), ops.status()) == (RequestState.DENIED, "Declined")


def test_a_status_may_be_named_by_its_id(ops, ticket, clock):
    cast.apply(jira_channel(ops, transitions={"approve": "2"}))

    deliver(moved(ops, "alice", "Approved", clock))

    assert state(ticket) == RequestState.APPROVED


# --- the end ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("end", "status"),
    [("approve", "Approved"), ("deny", "Declined"), ("cancel", "Cancelled")],
)
def test_an_end_elsewhere_moves_the_issue(ops, ticket, bob, alice, tell, end, status):
    deeds.cancel(ticket, bob) if end == "cancel" else getattr(deeds, end)(ticket, alice)
    tell()

    assert ops.status() == status


def test_what_nobody_decided_has_run_out(ops, ticket, told, clock):
    clock.move(days=8)
    timekeeping.expire_requests(at=clock.now())
    told(clock.now())

    assert (ops.status(), ops.comments()) == ("Expired", ["Nobody decided in time."])


def test_where_there_is_no_way_a_comment_says_how_it_ended(ops, ticket, alice, tell):
    del ops.ways["11"]
    deeds.approve(ticket, alice)
    tell()

    assert ops.status() == "To Do"
    assert ops.comments()[-1].startswith("Approved by Alice, until")
    assert not Posting.objects.exclude(state=PostingState.SENT).exists()


def test_a_way_that_asks_for_more_is_no_failure(ops, ticket, alice, tell):
    ops.needy = {"11"}
    deeds.approve(ticket, alice)
    tell()

    assert ops.comments()[-1] == (
        "This could not be moved to Approved. "
        "Jira answered 400: resolution: Resolution is required."
    )
    assert not Posting.objects.exclude(state=PostingState.SENT).exists()


def test_while_it_waits_an_issue_stays_where_people_put_it(ops, pair, alice, tell):
    ops.issue()["status"] = "In Progress"
    deeds.approve(pair, alice)
    tell()

    assert ops.status() == "In Progress"


def test_without_a_name_the_plane_moves_nothing(ops, pair, alice, ivan, tell):
    cast.apply(jira_channel(ops, transitions={}))
    ops.issue()["status"] = "Approved"
    deeds.approve(pair, alice)
    tell()
    assert ops.status() == "Approved"
    deeds.deny(pair, ivan)
    tell()

    assert ops.status() == "Approved"
    assert "POST /issue/20001/transitions" not in ops.calls


# --- who does it --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "said"),
    [("bob", "You may not decide on your own request."), ("mallory", "what Mallory did")],
)
def test_who_may_not_decide_changes_nothing_and_the_issue_goes_back(
    ops, ticket, clock, name, said
):
    with nothing_happens():
        assert deliver(moved(ops, name, "Approved", clock)) == 200

    assert said in refused(ops)
    assert ops.status() == "To Do"


def test_a_stranger_changes_nothing_and_the_issue_goes_back(ops, ticket, clock):
    with nothing_happens():
        assert deliver(moved(ops, "eve", "Approved", clock)) == 200

    assert "linked to nobody" in refused(ops)
    assert adf.links_of(ops.issue()["comments"][-1]) == []
    assert ops.status() == "To Do"


def test_a_second_move_is_no_second_review(ops, pair, tell, clock):
    deliver(moved(ops, "alice", "Approved", clock))
    tell()

    with nothing_happens():
        assert deliver(moved(ops, "alice", "Approved", clock)) == 200

    assert "already" in refused(ops)
    assert (state(pair), ops.status()) == (RequestState.PENDING, "To Do")


def test_after_the_end_nothing_changes_and_the_issue_says_so_again(
    ops, ticket, ivan, tell, clock
):
    deeds.deny(ticket, ivan)
    tell()
    assert ops.status() == "Declined"

    with nothing_happens():
        assert deliver(moved(ops, "alice", "Approved", clock)) == 200

    assert "DENIED" in refused(ops)
    assert ops.status() == "Declined"


def test_without_a_way_back_the_comment_alone_says_that_nothing_changed(ops, ticket, clock):
    cast.apply(jira_channel(ops, transitions=TRANSITIONS | {"waiting": ""}))

    deliver(moved(ops, "mallory", "Approved", clock))

    assert refused(ops)
    assert ops.status() == "Approved"


def test_a_refusal_that_cannot_be_told_is_a_refusal_and_the_issue_goes_back(ops, ticket, clock):
    document = moved(ops, "bob", "Approved", clock)
    ops.will_answer(200, {"emailAddress": "bob@example.com"})
    ops.will_answer(500)

    with nothing_happens():
        assert deliver(document) == 202
    assert (ops.comments(), ops.status()) == ([], "To Do")


def test_what_the_plane_s_own_account_does_decides_nothing(ops, ticket, clock):
    ops.people[PLANE]["emailAddress"] = "alice@example.com"

    with nothing_happens():
        assert deliver(ops.move(PLANE, "Approved", at=clock.now())) == 202
    assert ops.comments() == []


# --- without the address, accounts are linked by their owners -----------------------------------


@pytest.fixture
def unlinked(ops, ticket):
    cast.apply(jira_channel(ops, link_by_email=False))
    return ticket


def link_in(site):
    (link,) = adf.links_of(site.issue()["comments"][-1])
    return link.rpartition("/link/")[2]


def test_the_owner_links_the_account_and_then_it_counts(ops, unlinked, clock, client, alice):
    with nothing_happens():
        assert deliver(moved(ops, "alice", "Approved", clock)) == 200
    assert "linked to nobody" in refused(ops)
    client.force_login(alice)
    page = f"/link/{link_in(ops)}"
    assert "557058:alice" in client.get(page).text

    assert client.post(page).status_code == 302

    assert LinkedAccount.objects.get().user == alice
    before = len(ops.calls)
    deliver(moved(ops, "alice", "Approved", clock))
    assert state(unlinked) == RequestState.APPROVED
    assert ops.calls[before:] == []


def test_nobody_else_who_reads_the_comment_can_use_the_link(ops, unlinked, clock, client, ivan):
    deliver(moved(ops, "mallory", "Approved", clock))
    client.force_login(ivan)

    with nothing_happens():
        response = client.post(f"/link/{link_in(ops)}")

    assert response.status_code == 403
    assert not LinkedAccount.objects.exists()


@pytest.mark.parametrize(
    "odd", [{"emailAddress": ""}, {"active": False}, {"accountType": "customer"}]
)
def test_an_address_that_jira_does_not_vouch_for_is_none(ops, ticket, clock, odd):
    document = moved(ops, "alice", "Approved", clock)
    ops.hire("alice", **odd)

    with nothing_happens():
        assert deliver(document) == 200

    assert adf.links_of(ops.issue()["comments"][-1]) == []


def test_who_unlinked_the_account_is_nobody_again(ops, unlinked, clock, alice):
    channel = ChannelConfig.objects.get(name="jira")
    token = answers.link_address(channel, "557058:alice").rsplit("/", 1)[1]
    by = cast.actor_of(alice)
    account = answers.link_account(token=token, user=alice, by=by, at=NOON)
    answers.unlink_account(account_id=account.pk, user=alice, by=by, at=NOON)

    with nothing_happens():
        deliver(moved(ops, "alice", "Approved", clock))
