"""The page of one request, and what its requester and the holder of its grants do there."""

import uuid

import pytest

from audit.models import AuditEvent
from requests_app.states import GrantState, RequestState
from tests import cast, deeds


def at(request) -> str:
    return f"/requests/{request.pk}"


def test_a_request_that_does_not_exist_and_one_that_is_not_mine_are_the_same(
    browser, bob, mallory
):
    request = deeds.ask(bob, "dba")
    missing = browser(mallory).read(f"/requests/{uuid.UUID(int=1)}")
    foreign = browser(mallory).read(at(request))

    assert (missing.status, foreign.status) == (404, 404)
    assert missing.text == foreign.text


@pytest.mark.parametrize(
    "deed", ["cancel", "review", "resolve", "grants/{grant}/end", "grants/{grant}/revoke"]
)
def test_a_stranger_finds_no_button(browser, bob, mallory, clock, deed):
    grant = deeds.granted_dba(bob)
    before = AuditEvent.objects.count()
    fields = {"decision": "APPROVE", "state": "APPROVED", "reason": "mine now"}

    seen = browser(mallory).send(f"{at(grant.request)}/{deed.format(grant=grant.pk)}", **fields)

    grant.refresh_from_db()
    assert seen.status == 404
    assert grant.state == GrantState.ACTIVE
    assert AuditEvent.objects.count() == before


def test_the_page_tells_who_what_why_and_what_is_needed(browser, bob, clock):
    request = deeds.ask(bob, "dba", reason="ticket #123")

    seen = browser(bob).read(at(request))

    assert "Bob asks for dba" in seen.text
    assert 'data-state="PENDING"' in seen.source
    assert "waits until Mon 9 Mar 2026, 12:00 UTC" in seen.text
    assert '<time datetime="2026-03-09T12:00:00.000000Z">' in seen.source
    assert "ticket #123" in seen.text
    assert "8 hours" in seen.text
    assert "0 of 2 approvals" in seen.text
    assert "Alice asked first" in seen.text
    assert "Bob asked for access just now" in seen.text


def test_the_requester_can_cancel_and_comment_but_not_decide(browser, bob, clock):
    request = deeds.ask(bob, "dba")

    seen = browser(bob).read(at(request))

    assert seen.has_button("Cancel request")
    assert seen.has_button("Comment")
    assert not seen.has_button("Approve")
    assert not seen.has_button("Deny")
    assert "it is your own request" in seen.text


def test_cancelling(browser, bob, clock):
    request = deeds.ask(bob, "dba")

    seen = browser(bob).send(f"{at(request)}/cancel")

    request.refresh_from_db()
    assert request.state == RequestState.CANCELLED
    assert seen.path == at(request)
    assert "You cancelled this request." in seen.text
    assert "Bob cancelled the request" in seen.text
    assert not seen.has_button("Cancel request")


def test_cancelling_what_is_settled_says_so(browser, bob, alice, clock):
    request = deeds.ask(bob, "dba")
    deeds.deny(request, alice)

    seen = browser(bob).send(f"{at(request)}/cancel")

    assert seen.path == at(request)
    assert "This request is DENIED already." in seen.text


def test_a_reviewer_cannot_cancel(browser, bob, alice, clock):
    request = deeds.ask(bob, "dba")

    seen = browser(alice).send(f"{at(request)}/cancel")

    request.refresh_from_db()
    assert seen.status == 403
    assert "Only the requester may cancel a request." in seen.text
    assert request.state == RequestState.PENDING


def test_time_settles_a_request_whether_a_job_has_run_or_not(browser, bob, alice, clock):
    request = deeds.ask(bob, "dba")
    clock.move(days=7)

    seen = browser(alice).read(at(request))

    assert 'data-state="EXPIRED"' in seen.source
    assert not seen.has_button("Approve")


def test_looking_begins_what_was_to_begin(browser, bob, clock):
    grant = deeds.granted_dba(bob, start_time=deeds.later(hours=1))
    assert "begins in 1 hour" in browser(bob).read("/").text
    clock.move(hours=2)

    seen = browser(bob).read(at(grant.request))

    assert 'data-state="ACTIVE"' in seen.source
    assert "Access to dba began, until Mon 2 Mar 2026, 21:00 UTC" in seen.text


def test_giving_back_from_the_page_of_the_request(browser, bob, clock):
    grant = deeds.granted_dba(bob)

    seen = browser(bob).send(f"{at(grant.request)}/grants/{grant.pk}/end")

    assert seen.path == at(grant.request)
    assert "You gave dba back." in seen.text
    assert not deeds.has_access(bob)


def test_a_reviewer_revokes_with_a_reason(browser, bob, alice, clock):
    grant = deeds.granted_dba(bob)
    path = f"{at(grant.request)}/grants/{grant.pk}/revoke"
    alices = browser(alice)

    refused = alices.send(path, reason="  ")
    assert refused.status == 400
    assert "A reason is required." in refused.text
    assert deeds.has_access(bob)

    seen = alices.send(path, reason="a leak")
    assert "Alice revoked dba" in seen.text
    assert "a leak" in seen.text
    assert not deeds.has_access(bob)

    again = alices.send(path, reason="a leak")
    assert again.path == at(grant.request)
    assert "This grant is REVOKED already." in again.text


def test_the_requester_sees_no_way_to_revoke(browser, bob, clock):
    grant = deeds.granted_dba(bob)

    seen = browser(bob).read(at(grant.request))

    assert "Revoke" not in seen.text
    assert seen.has_button("Give back")


def test_whoever_may_not_see_the_grants_events_does_not(browser, bob, alice, clock):
    """Alice reviewed once and may review no more: the request stays hers to see, not the grant."""
    grant = deeds.granted_dba(bob)
    cast.apply(cast.person("alice", roles=["engineering"]))

    seen = browser(alice).read(at(grant.request))

    assert "Alice approved" in seen.text
    assert "Access to dba began" not in seen.text
    assert "Revoke" not in seen.text


def test_a_button_opened_as_a_page_leads_to_the_request(browser, bob, clock):
    request = deeds.ask(bob, "dba")

    assert browser(bob).read(f"{at(request)}/cancel").path == at(request)
    assert browser(bob).read(f"{at(request)}/review").path == at(request)


def test_what_people_write_is_only_text(browser, bob, clock):
    request = deeds.ask(bob, "dba", reason="<script>alert(1)</script>")

    assert "<script>" not in browser(bob).read(at(request)).source


def test_an_extension_names_what_it_extends(browser, bob, clock):
    grant = deeds.granted_dba(bob)
    extension = deeds.extend(grant, bob)

    seen = browser(bob).read(at(extension))

    assert "Makes access longer that was given before" in seen.text
    assert f'href="{at(grant.request)}"' in seen.source
