"""The link of a mail: for one person, one request, one decision, and never by opening it."""

import re

import pytest
from django.test import Client

from audit.models import AuditEvent
from requests_app.models import AccessRequest, Grant
from reviews.models import Review
from tests import deeds
from tests.chatops.email.door import (
    REASON,
    anonymous,
    link_for,
    nothing_happened,
    signed_in,
    takes_the_link_alone,
)
from tests.deeds import later
from tests.web.reading import Browser
from tests.web.test_safety import INLINE

pytestmark = pytest.mark.django_db


# --- the reviewer -------------------------------------------------------------------------------


def test_the_reviewer_reads_what_it_is_about_and_approves(asked, alice):
    browser, link = signed_in(alice), link_for(asked)

    seen = browser.read(link)
    assert seen.status == 200
    for part in ("Bob asks for", "dba", REASON, "0 of 2", "Let access start later"):
        assert part in seen.text
    assert seen.has_button("Approve")
    assert seen.has_button("Deny")

    seen = browser.send(link, decision="APPROVE", reason="go\r\non")

    review = Review.objects.get()
    assert (review.reviewer, review.decision, review.via) == (alice, "APPROVE", "email")
    assert review.reason == "go\non"
    assert (seen.status, seen.path) == (200, link)
    assert "You approved this request." in seen.text
    assert not seen.has_button("Approve")


def test_the_log_says_who_it_was_through_which_door(asked, alice):
    signed_in(alice).send(link_for(asked), decision="DENY", reason="no")

    event = AuditEvent.objects.get(type="access_request.reviewed")
    assert (event.actor_name, event.actor_kind, event.actor_via) == (
        alice.email,
        "user",
        "email",
    )
    assert event.actor_ip == "127.0.0.1"


def test_an_approval_may_move_the_start(asked, alice, ivan):
    signed_in(alice).send(link_for(asked), decision="APPROVE")
    signed_in(ivan).send(
        link_for(asked, ivan.email), decision="APPROVE", start_time="2026-03-02T18:00"
    )

    assert Grant.objects.get().starts_at == later(hours=6)


def test_with_require_sign_in_nobody_decides_without_signing_in(asked):
    link = link_for(asked)

    response = Client().get(link)
    sent = Client().post(link, {"decision": "APPROVE"})

    for one in (response, sent):
        assert one.status_code == 302
        assert one.headers["Location"].startswith("/accounts/login/?next=/chatops/email/")
        assert one.headers["Referrer-Policy"] == "same-origin"
    assert nothing_happened(asked)


def test_whoever_signs_in_comes_back_to_the_request(asked, alice):
    alice.set_password("a Password 1")
    alice.save()
    browser, link = anonymous(), link_for(asked)
    to_sign_in = browser.read(link).response.redirect_chain[-1][0]

    seen = browser.send(to_sign_in, login=alice.email, password="a Password 1")

    assert (seen.status, seen.path) == (200, link)
    assert seen.has_button("Approve")


def test_without_require_sign_in_the_link_is_enough(asked, alice):
    takes_the_link_alone()
    browser, link = anonymous(), link_for(asked)
    assert browser.read(link).has_button("Deny")

    seen = browser.send(link, decision="DENY", reason="no ticket")

    assert (Review.objects.get().reviewer, Review.objects.get().via) == (alice, "email")
    assert AccessRequest.objects.get().state == "DENIED"
    assert "Denied" in seen.text
    assert "by alice@example.com" in seen.text


# --- opening decides nothing --------------------------------------------------------------------


@pytest.mark.parametrize("query", ["", "?decision=APPROVE", "?decision=APPROVE&reason=x"])
@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "PUT", "PATCH", "DELETE"])
def test_only_the_form_decides(asked, alice, method, query):
    takes_the_link_alone()

    response = signed_in(alice).client.generic(method, link_for(asked) + query)

    assert response.status_code == (200 if method in {"GET", "HEAD"} else 405)
    assert nothing_happened(asked)


@pytest.mark.parametrize("decision", ["", "COMMENT", "approve", "APPROVED"])
def test_a_form_without_a_decision_decides_nothing(asked, alice, decision):
    seen = signed_in(alice).send(link_for(asked), decision=decision, reason="kept text")

    assert seen.status == 400
    assert "kept text" in seen.text
    assert nothing_happened(asked)


def test_a_decision_in_the_address_is_none(asked, alice):
    seen = signed_in(alice).send(f"{link_for(asked)}?decision=APPROVE")

    assert seen.status == 400
    assert "Choose Approve or Deny." in seen.text
    assert nothing_happened(asked)


def test_a_form_from_elsewhere_decides_nothing(asked, alice):
    takes_the_link_alone()
    strict = Browser(Client(enforce_csrf_checks=True))
    link = link_for(asked)

    assert strict.send(link, decision="APPROVE").status == 403
    assert nothing_happened(asked)

    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', strict.read(link).source)
    assert strict.send(link, decision="APPROVE", csrfmiddlewaretoken=token[1]).status == 200
    assert Review.objects.exists()


# --- the page -----------------------------------------------------------------------------------


@pytest.mark.parametrize("which", ["good", "forged", "foreign"])
def test_the_address_is_kept_by_nobody(asked, alice, ivan, which):
    link = "/chatops/email/forged" if which == "forged" else link_for(asked)
    browser = signed_in(ivan if which == "foreign" else alice)

    headers = browser.read(link).response.headers

    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["X-Robots-Tag"] == "noindex, nofollow"
    assert "no-store" in headers["Cache-Control"]


def test_a_reason_is_text(post, bob, alice):
    request = deeds.ask(bob, "dba", reason="<script>alert(1)</script>")

    source = signed_in(alice).read(link_for(request)).source

    assert "<script>" not in source
    assert "&lt;script&gt;alert(1)" in source
    assert INLINE.search(source) is None
