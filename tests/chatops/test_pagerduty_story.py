"""Bob asks, payments is paged, Alice acknowledges: her review counts, and the page goes away."""

import pytest

from audit.models import AuditEvent
from chatops.models import ChannelConfig, LinkedAccount, Posting
from chatops.services import answers
from chatops.states import PostingState
from requests_app.models import AccessRequest
from requests_app.states import RequestState
from reviews.models import Review
from tests import cast, deeds
from tests.cast import NOON
from tests.chatops.pagerduty_door import acknowledged, deliver, pagerduty_channel
from tests.witness import nothing_happens

pytestmark = pytest.mark.django_db


def state(request):
    return AccessRequest.objects.get(pk=request.pk).state


def refused(pager):
    """The last note, which says that nothing changed."""
    note = pager.notes()[-1]
    assert note.startswith("Access Plane: what ")
    assert " did changes nothing. " in note
    return note


# --- the story ----------------------------------------------------------------------------------


def test_an_incident_says_what_is_asked_for(pager, payments, paged):
    incident = pager.incident()

    assert incident["service"]["id"] == payments
    assert (incident["title"], incident["urgency"]) == (
        "Bob asks for staging-web for 8 hours",
        "high",
    )
    details = incident["body"]["details"]
    assert "Reason: ticket #1\n" in details
    assert "Waits until: Mon 9 Mar 2026, 12:00 UTC\n" in details
    assert f"/requests/{paged.pk}\n" in details
    assert "approves it by acknowledging" in details
    assert incident["notes"] == []


def test_acknowledging_approves_and_the_incident_is_resolved(pager, paged, tell, clock):
    assert deliver(acknowledged(pager, "alice", clock)) == 202

    assert state(paged) == RequestState.APPROVED
    review = Review.objects.get()
    assert (review.reviewer.email, review.decision) == ("alice@example.com", "APPROVE")
    assert (review.reason, review.via) == ("Acknowledged in PagerDuty", "pagerduty")
    recorded = AuditEvent.objects.get(type="access_request.reviewed")
    assert (recorded.actor_name, recorded.actor_via) == ("alice@example.com", "pagerduty")
    tell()
    assert pager.incident()["status"] == "resolved"
    assert pager.notes() == [
        "Alice approved: Acknowledged in PagerDuty",
        "Approved by Alice, until Mon 2 Mar 2026, 20:02 UTC.",
    ]
    assert not Posting.objects.exclude(state=PostingState.SENT).exists()


def test_each_review_becomes_a_note_while_more_are_needed(
    pager, payments, bob, alice, ivan, tell, clock
):
    request = deeds.ask(bob, "dba")
    tell()
    deliver(acknowledged(pager, "alice", clock))
    tell()

    assert state(request) == RequestState.PENDING
    assert pager.notes() == ["Alice approved: Acknowledged in PagerDuty"]
    assert pager.incident()["status"] == "acknowledged"
    deliver(acknowledged(pager, "ivan", clock))
    tell()
    assert state(request) == RequestState.APPROVED
    assert pager.incident()["status"] == "resolved"
    assert len(pager.incidents) == 1


@pytest.mark.parametrize("end", ["deny", "cancel"])
def test_an_end_elsewhere_resolves_it_as_well(pager, paged, bob, alice, tell, end):
    deeds.deny(paged, alice) if end == "deny" else deeds.cancel(paged, bob)
    tell()

    assert pager.incident()["status"] == "resolved"


def test_what_somebody_resolved_there_stays_so(pager, paged, alice, tell):
    pager.incident()["status"] = "resolved"
    deeds.approve(paged, alice)
    tell()

    assert pager.notes()[-1].startswith("Approved by Alice")
    assert not Posting.objects.exclude(state=PostingState.SENT).exists()


# --- what else may count ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sign", "happens"),
    [
        ("01CDYN0IRV4VG991K5FR73YNTW", lambda p, **w: p.run(action=_ACTION, **w)),
        ("access=no", lambda p, **w: p.choose(name="access", value="no", **w)),
        ("access=no", lambda p, **w: p.choose(name="access", value=["no"], **w)),
    ],
)
def test_an_action_or_a_field_denies(pager, paged, clock, sign, happens):
    cast.apply(pagerduty_channel(pager, approve_on={sign: "deny", "access=yes": "approve"}))

    assert deliver(happens(pager, account=pager.hire("alice"), at=clock.now())) == 202

    assert state(paged) == RequestState.DENIED
    assert Review.objects.get().reason == "Decided in PagerDuty"


_ACTION = "01CDYN0IRV4VG991K5FR73YNTW"


def test_of_yes_and_no_it_is_no(pager, paged, clock):
    meanings = {"access=yes": "approve", "access=no": "deny"}
    cast.apply(pagerduty_channel(pager, approve_on=meanings))
    account = pager.hire("alice")

    deliver(pager.choose(account, "access", ["yes", "no"], at=clock.now()))

    assert state(paged) == RequestState.DENIED


def test_nothing_counts_unless_it_is_said(pager, paged, clock):
    cast.apply(pagerduty_channel(pager, approve_on={}))

    with nothing_happens():
        assert deliver(acknowledged(pager, "alice", clock)) == 202
    assert pager.notes() == []


# --- who does it --------------------------------------------------------------------------------


def test_bob_himself_changes_nothing(pager, paged, clock):
    with nothing_happens():
        assert deliver(acknowledged(pager, "bob", clock)) == 202

    assert refused(pager).endswith("You may not decide on your own request.")


def test_who_may_not_review_changes_nothing(pager, paged, clock):
    with nothing_happens():
        assert deliver(acknowledged(pager, "mallory", clock)) == 202

    assert "what Mallory did" in refused(pager)


def test_a_stranger_changes_nothing(pager, paged, clock):
    with nothing_happens():
        assert deliver(acknowledged(pager, "eve", clock)) == 202

    assert "linked to nobody" in refused(pager)
    assert "/link/" not in refused(pager)


def test_who_was_made_inactive_changes_nothing(pager, paged, clock):
    cast.apply(cast.person("alice", active=False))

    with nothing_happens():
        assert deliver(acknowledged(pager, "alice", clock)) == 202


def test_a_second_acknowledgement_is_no_second_review(pager, payments, bob, tell, clock):
    request = deeds.ask(bob, "dba")
    tell()
    deliver(acknowledged(pager, "alice", clock))

    with nothing_happens():
        assert deliver(acknowledged(pager, "alice", clock)) == 202

    assert state(request) == RequestState.PENDING
    assert "already" in refused(pager)


def test_after_the_end_nothing_changes(pager, paged, ivan, tell, clock):
    deeds.deny(paged, ivan)
    tell()

    with nothing_happens():
        assert deliver(acknowledged(pager, "alice", clock)) == 202

    assert state(paged) == RequestState.DENIED
    assert "DENIED" in refused(pager)


def test_a_refusal_that_cannot_be_noted_is_a_refusal(pager, paged, clock):
    document = acknowledged(pager, "bob", clock)
    pager.will_answer(200, {"user": {"email": "bob@example.com"}})
    pager.will_answer(500)

    with nothing_happens():
        assert deliver(document) == 202
    assert pager.notes() == []


# --- without the address, accounts are linked by their owners -----------------------------------


@pytest.fixture
def unlinked(pager, paged):
    cast.apply(pagerduty_channel(pager, link_by_email=False))
    return paged


def link_in(note):
    return note.split("/link/")[1].split()[0]


def test_the_address_alone_does_not_count_unless_it_is_said(pager, unlinked, clock):
    with nothing_happens():
        assert deliver(acknowledged(pager, "alice", clock)) == 202

    assert "linked to nobody" in refused(pager)


def test_the_owner_links_the_account_and_then_it_counts(pager, unlinked, clock, client, alice):
    deliver(acknowledged(pager, "alice", clock))
    client.force_login(alice)
    page = f"/link/{link_in(refused(pager))}"
    assert "P0ALICE" in client.get(page).text

    assert client.post(page).status_code == 302

    assert LinkedAccount.objects.get().user == alice
    before = len(pager.calls)
    deliver(acknowledged(pager, "alice", clock))
    assert state(unlinked) == RequestState.APPROVED
    assert pager.calls[before:] == []


def test_nobody_else_who_reads_the_note_can_use_the_link(pager, unlinked, clock, client, ivan):
    deliver(acknowledged(pager, "mallory", clock))
    client.force_login(ivan)

    with nothing_happens():
        response = client.post(f"/link/{link_in(refused(pager))}")

    assert response.status_code == 403
    assert not LinkedAccount.objects.exists()


def test_who_unlinked_the_account_is_nobody_again(pager, unlinked, clock, alice):
    channel = ChannelConfig.objects.get(name="pagerduty")
    token = answers.link_address(channel, "P0ALICE").rsplit("/", 1)[1]
    by = cast.actor_of(alice)
    account = answers.link_account(token=token, user=alice, by=by, at=NOON)
    answers.unlink_account(account_id=account.pk, user=alice, by=by, at=NOON)

    with nothing_happens():
        deliver(acknowledged(pager, "alice", clock))
