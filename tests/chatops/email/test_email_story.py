"""The story of the product, by mail alone."""

import pytest
from django.test import Client

from requests_app.models import AccessRequest
from reviews.models import Review
from tests import cast, deeds
from tests.chatops.conftest import mail_channel
from tests.deeds import later
from tests.web.reading import Browser

pytestmark = pytest.mark.django_db


def test_bob_asks_two_open_their_mails_and_bob_gives_back(post, bob, alice, ivan, told, clock):
    deeds.ask(bob, "dba", reason="ticket #123")
    told()
    for minute, reviewer in enumerate((alice, ivan), start=1):
        clock.move(minutes=1)
        browser = Browser(Client())
        browser.client.force_login(reviewer)
        link = post.last_to(reviewer.email).link
        assert "ticket #123" in browser.read(link).text
        browser.send(link, decision="APPROVE", reason="proceed with caution")
        told(later(minutes=minute))

    assert AccessRequest.objects.get().state == "APPROVED"
    assert [r.via for r in Review.objects.order_by("number")] == ["email", "email"]
    assert deeds.has_access(bob, at=later(minutes=3))
    news = [mail.text for mail in post.to(bob.email)]
    assert "Received. It waits for a decision" in news[0]
    assert "Alice approved: proceed with caution" in news[1]
    assert any("Approved by Alice and Ivan" in text for text in news)

    browser = Browser(Client())
    browser.client.force_login(bob)
    more_time, request_page, *_ = post.last_to(bob.email).links
    assert browser.read(more_time).has_button("Extend")
    assert browser.read(request_page).has_button("Give back")


def test_ivan_opens_his_mail_when_alice_has_denied(post, bob, alice, ivan, told, clock):
    cast.apply(mail_channel("post", require_sign_in=False))
    deeds.ask(bob, "dba", reason="curiosity")
    told()
    alices, ivans = post.last_to(alice.email).link, post.last_to(ivan.email).link
    Browser(Client()).send(alices, decision="DENY", reason="not without a ticket")
    told(later(minutes=1))

    seen = Browser(Client()).send(ivans, decision="APPROVE", reason="why not")

    assert seen.status == 409
    assert "by alice@example.com" in seen.text
    assert AccessRequest.objects.get().state == "DENIED"
    assert Review.objects.get().reviewer == alice
    assert "not without a ticket" in post.last_to(bob.email).text
