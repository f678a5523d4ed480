"""The reviewer's list, and the decision."""

import pytest

from audit.models import AuditEvent
from requests_app.states import RequestState
from reviews.models import Review
from tests import cast, deeds


def at(request) -> str:
    return f"/requests/{request.pk}"


def test_the_inbox_holds_what_waits_for_me(browser, bob, alice, ivan, clock):
    request = deeds.ask(bob, "dba", reason="ticket #123")
    deeds.approve(request, ivan)

    seen = browser(alice).read("/reviews")

    assert "Bob dba 8 hours ticket #123 1 of 2" in seen.text
    assert f'href="{at(request)}"' in seen.source
    assert "Nothing waits for you." in browser(ivan).read("/reviews").text
    assert "Nothing waits for you." in browser(bob).read("/reviews").text


def test_the_reviewer_finds_the_controls(browser, bob, alice, clock):
    request = deeds.ask(bob, "dba")

    seen = browser(alice).read(at(request))

    assert '<label for="review-reason">Reason</label>' in seen.source
    assert seen.has_button("Approve")
    assert seen.has_button("Deny")
    assert seen.has_button("Comment")
    assert not seen.has_button("Cancel request")


@pytest.mark.parametrize(
    ("decision", "sentence"),
    [
        ("APPROVE", "You approved this request."),
        ("DENY", "You denied this request."),
        ("COMMENT", "Your comment stands below."),
    ],
)
def test_deciding(browser, bob, alice, clock, decision, sentence):
    request = deeds.ask(bob, "dba")

    seen = browser(alice).send(f"{at(request)}/review", decision=decision, reason="because")

    review = Review.objects.get()
    assert (review.decision, review.reason, review.via) == (decision, "because", "web")
    assert seen.path == at(request)
    assert sentence in seen.text


def test_a_second_review_is_refused_in_words(browser, bob, alice, clock):
    request = deeds.ask(bob, "dba")
    deeds.approve(request, alice)

    seen = browser(alice).send(f"{at(request)}/review", decision="DENY")

    assert seen.path == at(request)
    assert "You reviewed this request already." in seen.text
    assert "You approved this." in seen.text
    assert Review.objects.count() == 1


def test_nobody_decides_about_an_own_request(browser, bob, clock):
    request = deeds.ask(bob, "staging-db")
    before = AuditEvent.objects.count()

    seen = browser(bob).send(f"{at(request)}/review", decision="APPROVE", reason="mine")

    assert seen.status == 403
    assert "You may not decide on your own request." in seen.text
    assert not Review.objects.exists()
    assert AuditEvent.objects.count() == before


def test_mallory_finds_nothing_to_review(browser, bob, mallory, clock):
    request = deeds.ask(bob, "dba")
    before = AuditEvent.objects.count()

    seen = browser(mallory).send(f"{at(request)}/review", decision="APPROVE", reason="mine")

    request.refresh_from_db()
    assert seen.status == 404
    assert request.state == RequestState.PENDING
    assert not Review.objects.exists()
    assert AuditEvent.objects.count() == before


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"decision": "APPROVE", "start_time": "soon"}, "This is a date and a time"),
        ({"decision": "DENY", "start_time": "2026-03-02T15:00"}, "comes only with an approval"),
        ({"decision": "APPROVE", "start_time": "2026-03-01T15:00"}, "is in the past"),
        ({"decision": "PERHAPS"}, "A decision is Approve, Deny or Comment."),
        ({}, "Choose Approve, Deny or Comment."),
    ],
)
def test_a_review_that_cannot_be_keeps_the_reason(browser, bob, alice, clock, fields, sentence):
    request = deeds.ask(bob, "dba")

    seen = browser(alice).send(f"{at(request)}/review", reason="kept words", **fields)

    assert seen.status == 400
    assert sentence in seen.text
    assert "kept words</textarea>" in seen.source
    assert not Review.objects.exists()


def test_an_approval_can_move_the_start(browser, bob, alice, clock):
    request = deeds.ask(bob, "dba")

    browser(alice).send(
        f"{at(request)}/review", decision="APPROVE", start_time="2026-03-02T15:00"
    )

    request.refresh_from_db()
    assert request.start_time == deeds.later(hours=3)


# --- by force -----------------------------------------------------------------------------------


def test_force_is_for_those_with_the_verb(browser, bob, alice, auditor, dana, clock):
    request = deeds.ask(bob, "dba")

    shown = {
        who.email: "Decide without the reviewers" in browser(who).read(at(request)).text
        for who in (bob, alice, auditor, dana)
    }

    assert shown == {
        "bob@example.com": False,
        "alice@example.com": False,
        "auditor@example.com": False,
        "dana@example.com": True,
    }


def test_forcing_needs_a_reason_and_is_told(browser, bob, dana, clock):
    request = deeds.ask(bob, "dba")
    danas = browser(dana)

    refused = danas.send(f"{at(request)}/resolve", state="APPROVED", reason=" ")
    assert refused.status == 400
    assert "A reason is required." in refused.text

    seen = danas.send(f"{at(request)}/resolve", state="APPROVED", reason="the pager")
    assert "You approved this request without its reviewers." in seen.text
    assert "Dana approved the request without its reviewers" in seen.text
    assert "It was settled without this." in seen.text
    assert deeds.has_access(bob)


def test_forcing_without_the_verb_is_refused(browser, bob, alice, clock):
    request = deeds.ask(bob, "dba")

    seen = browser(alice).send(f"{at(request)}/resolve", state="APPROVED", reason="now")

    request.refresh_from_db()
    assert seen.status == 403
    assert request.state == RequestState.PENDING


def test_one_of_several_thresholds_is_said_to_be_enough(browser, bob, clock):
    cast.apply(
        cast.role(
            "developer",
            allow={
                "request": {
                    "roles": ["dba"],
                    "thresholds": [
                        {"name": "two people", "approve": 2, "deny": 1},
                        {
                            "name": "peer and lead",
                            "deny": 1,
                            "all_of": [
                                {"name": "peer", "approve": 1},
                                {"name": "lead", "filter": "'lead' in reviewer.roles"},
                            ],
                        },
                    ],
                }
            },
        )
    )
    request = deeds.ask(bob, "dba")

    seen = browser(bob).read(at(request))

    assert "One of Two people 0 of 2 approvals" in seen.text
    assert "Peer: 0 of 1 Lead: 0 of 1 Each by a different person." in seen.text
