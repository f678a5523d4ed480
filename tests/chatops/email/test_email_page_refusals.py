"""Whom the link of a mail is of no use to, and when it is of no use any more."""

from uuid import uuid4

import pytest
from django.core import signing
from django.test import Client

from chatops.channels.email import links
from chatops.channels.email.links import Invitation
from chatops.models import ChannelConfig, Heard
from requests_app.models import AccessRequest
from reviews.models import Review
from tests import cast, deeds
from tests.chatops.conftest import mail_channel
from tests.chatops.email.door import (
    REASON,
    anonymous,
    link_for,
    nothing_happened,
    signed_in,
    takes_the_link_alone,
)

pytestmark = pytest.mark.django_db


# --- others -------------------------------------------------------------------------------------


@pytest.mark.parametrize("needs_sign_in", [True, False])
@pytest.mark.parametrize("name", ["mallory", "ivan", "bob", "dana", "robot"])
def test_a_link_is_of_no_use_to_anybody_else(asked, everybody, name, needs_sign_in):
    """Not even to somebody who may decide himself: he has a link of his own."""
    if not needs_sign_in:
        takes_the_link_alone()
    browser, link = signed_in(cast.called(name)), link_for(asked)

    for seen in (browser.read(link), browser.send(link, decision="APPROVE")):
        assert seen.status == 403
        assert "This link was sent to somebody else" in seen.text
        for detail in (REASON, "dba", "bob@", "Bob", "alice"):
            assert detail not in seen.text
    assert nothing_happened(asked)


def forged_links(request: AccessRequest) -> dict[str, str]:
    good = link_for(request).removeprefix("/chatops/email/")
    body, _, mark = good.rpartition(":")
    said = ["", str(request.pk), "alice@example.com"]
    return {
        "nonsense": "forged",
        "empty mark": f"{body}:",
        "changed body": f"x{body}:{mark}",
        "changed mark": f"{body}:{mark[:-1]}{'A' if mark[-1] != 'A' else 'B'}",
        "of another kind": signing.Signer(salt="chatops.link").sign_object(said),
        "of another key": signing.Signer(key="x" * 50, salt="chatops.email").sign_object(said),
    }


@pytest.mark.parametrize(
    "how",
    ["nonsense", "empty mark", "changed body", "changed mark", "of another kind",
     "of another key"],
)  # fmt: skip
def test_a_forged_link_is_no_link(asked, alice, how):
    link = f"/chatops/email/{forged_links(asked)[how]}"

    for browser in (signed_in(alice), anonymous()):
        for seen in (browser.read(link), browser.send(link, decision="APPROVE")):
            assert seen.status == 404
            assert "This link is no longer good." in seen.text
    assert nothing_happened(asked)


def test_a_link_of_no_channel_or_no_request_is_no_link(asked, alice):
    channel = ChannelConfig.objects.get().pk
    nowhere = links.token_of(Invitation(uuid4(), asked.pk, alice.email))
    nothing = links.token_of(Invitation(channel, uuid4(), alice.email))
    browser = signed_in(alice)

    assert browser.send(f"/chatops/email/{nowhere}", decision="APPROVE").status == 404
    assert browser.send(f"/chatops/email/{nothing}", decision="APPROVE").status == 403
    assert nothing_happened(asked)


@pytest.mark.parametrize("needs_sign_in", [True, False])
def test_a_channel_that_is_switched_off_takes_its_links_along(asked, alice, needs_sign_in):
    link = link_for(asked)
    document = mail_channel("post", require_sign_in=needs_sign_in)
    document["spec"]["active"] = False
    cast.apply(document)

    assert signed_in(alice).send(link, decision="APPROVE").status == 404
    assert nothing_happened(asked)


def test_another_channel_decides_for_itself_whether_to_sign_in(asked):
    """A lax channel beside a strict one does not open the strict one's links."""
    cast.apply(mail_channel("lax", require_sign_in=False))

    assert Client().post(link_for(asked), {"decision": "APPROVE"}).status_code == 302
    assert nothing_happened(asked)


# --- refusals -----------------------------------------------------------------------------------


@pytest.mark.parametrize("again", ["APPROVE", "DENY"])
def test_a_link_decides_once(asked, alice, again):
    browser, link = signed_in(alice), link_for(asked)
    browser.send(link, decision="APPROVE", reason="first")

    seen = browser.send(link, decision=again, reason="second")

    assert seen.status == 409
    assert "You reviewed this request already." in seen.text
    assert Review.objects.get().reason == "first"
    assert Heard.objects.count() == 1


def test_who_decided_elsewhere_is_told_so(asked, alice):
    deeds.deny(asked, alice)

    seen = signed_in(alice).send(link_for(asked), decision="APPROVE")

    assert (seen.status, Review.objects.count()) == (409, 1)
    assert "You denied this request." in seen.text


def test_a_link_dies_with_the_request_and_says_who_decided(asked, alice, ivan):
    deeds.deny(asked, ivan, reason="not today")
    browser, link = signed_in(alice), link_for(asked)

    seen = browser.read(link)
    assert "Denied" in seen.text
    assert "by ivan@example.com" in seen.text
    assert "not today" in seen.text
    assert not seen.has_button("Approve")

    seen = browser.send(link, decision="APPROVE")

    assert seen.status == 409
    assert "This request is DENIED already." in seen.text
    assert Review.objects.get().reviewer == ivan
    assert not Heard.objects.exists()


def test_a_link_dies_when_nobody_decided_in_time(asked, alice, clock):
    clock.move(days=8)
    browser, link = signed_in(alice), link_for(asked)

    assert "Expired" in browser.read(link).text
    assert browser.send(link, decision="APPROVE").status == 409
    assert not Review.objects.exists()


def test_who_lost_the_right_reads_and_decides_nothing(asked, alice):
    takes_the_link_alone()
    cast.apply(cast.person("alice", roles=[]))
    link = link_for(asked)

    for browser in (signed_in(alice), anonymous()):
        for seen in (browser.read(link), browser.send(link, decision="APPROVE")):
            assert seen.status == 403
            assert "Your roles no longer let you decide" in seen.text
            assert REASON not in seen.text
    assert nothing_happened(asked)


@pytest.mark.parametrize("needs_sign_in", [True, False])
def test_who_left_reads_and_decides_nothing(asked, alice, needs_sign_in):
    cast.apply(mail_channel("post", require_sign_in=needs_sign_in))
    cast.apply(cast.person("alice", roles=["dba-reviewer"], active=False))
    browser, link = anonymous(), link_for(asked)

    for seen in (browser.read(link), browser.send(link, decision="APPROVE")):
        assert seen.status == 403
        assert "may not decide any more" in seen.text
        assert REASON not in seen.text
    assert nothing_happened(asked)


def test_nobody_decides_about_his_own_request(post, bob, dana, alice):
    """Alice asked for Bob: she is its author, and may review dba otherwise."""
    cast.apply(cast.person("alice", roles=["dba-reviewer", "admin"]))
    request = deeds.ask(alice, "dba", for_user=bob)
    browser, link = signed_in(alice), link_for(request)

    seen = browser.read(link)
    assert "it is your own request" in seen.text
    assert not seen.has_button("Approve")

    seen = browser.send(link, decision="APPROVE")

    assert seen.status == 403
    assert "You may not decide on your own request." in seen.text
    assert nothing_happened(request)


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"start_time": "tomorrow"}, "This is a date and a time"),
        ({"start_time": "2026-03-01T12:00"}, "past"),
        ({"start_time": "2026-04-01T12:00"}, "more than 7 days ahead"),
        ({"reason": "x" * 5_000}, "at most 4096 bytes"),
    ],
)
def test_what_is_written_wrongly_is_said_at_its_place(asked, alice, fields, sentence):
    browser, link = signed_in(alice), link_for(asked)

    seen = browser.send(link, decision="APPROVE", **fields)

    assert seen.status == 400
    assert sentence in seen.text
    assert nothing_happened(asked)
    assert browser.send(link, decision="APPROVE").status == 200
    assert Review.objects.exists()


def test_a_start_comes_with_an_approval_only(asked, alice):
    seen = signed_in(alice).send(
        link_for(asked), decision="DENY", start_time="2026-03-02T18:00"
    )

    assert seen.status == 400
    assert "A start time comes only with an approval." in seen.text
    assert nothing_happened(asked)
