"""News by mail: to whom, in which thread, looking how, and what a refusal of the server means."""

import re
import socket
import time
from datetime import timedelta
from email.utils import parsedate_to_datetime

import pytest
from django.db import transaction

from accessplane.lib import mailing
from audit.models import AuditEvent
from chatops import lifecycle
from chatops.models import ChannelConfig, Posting
from chatops.services import sending
from identity.models import User
from tests import cast, deeds
from tests.cast import NOON
from tests.chatops.conftest import posting, route
from tests.deeds import later

pytestmark = pytest.mark.django_db

BOB, ALICE, IVAN = "bob@example.com", "alice@example.com", "ivan@example.com"


# --- who gets what ------------------------------------------------------------------------------


def test_the_requester_and_the_reviewers_are_told(post, bob, told):
    request = deeds.ask(bob, "dba", reason="ticket #1")

    told()

    assert sorted(mail.recipients[0] for mail in post.mails) == [ALICE, BOB, IVAN]
    assert {mail.sender for mail in post.mails} == {"access@example.com"}
    alices, bobs = post.last_to(ALICE), post.last_to(BOB)
    assert alices.header("From") == "Access Plane <access@example.com>"
    assert alices.header("To") == ALICE
    assert alices.header("Subject") == "Bob asks for dba for 8 hours"
    assert "Reason: ticket #1" in alices.text
    assert "0 of 2 approvals (two people)" in alices.text
    assert bobs.header("Subject") == "Your request for dba"
    assert bobs.link == f"/requests/{request.pk}"


def test_each_reviewer_has_a_link_of_his_own_and_the_requester_has_none(post, bob, told):
    deeds.ask(bob, "dba")

    told()

    links = {name: post.last_to(name).link for name in (ALICE, IVAN, BOB)}
    assert links[ALICE] != links[IVAN]
    assert all(links[name].startswith("/chatops/email/") for name in (ALICE, IVAN))
    assert "/chatops/email/" not in post.last_to(BOB).text + post.last_to(BOB).html
    for name in (ALICE, IVAN):
        assert f'href="http://127.0.0.1:8000{links[name]}"' in post.last_to(name).html


def test_a_room_gets_the_ordinary_link_even_at_somebody_s_address(post, bob, told):
    cast.apply(route("r", "post", recipients=["dbas@example.com", "carol@example.com"]))
    request = deeds.ask(bob, "dba")

    told()

    for name in ("dbas@example.com", "carol@example.com"):
        mail = post.last_to(name)
        assert mail.link == f"/requests/{request.pk}"
        assert "/chatops/email/" not in mail.text + mail.html
        assert mail.message["List-Unsubscribe"] is None


def test_what_is_settled_asks_no_more(post, bob, alice, told):
    request = deeds.ask(bob, "dba")
    told()
    deeds.deny(request, alice, reason="not today")

    told(later(minutes=1))

    last = post.last_to(IVAN)
    assert "not today" in last.text
    assert last.link == f"/requests/{request.pk}"
    assert "Approve or deny" not in last.text + last.html


def test_the_holder_is_led_to_where_access_is_given_back(post, bob, told):
    grant = deeds.granted_dba(bob)

    told()

    last = post.last_to(BOB)
    assert f"Give back: http://127.0.0.1:8000/requests/{grant.request_id}\n" in last.text
    more = f"http://127.0.0.1:8000/requests/new?extends={grant.pk}"
    assert f"Extend: {more}\n" in last.text
    assert f'href="{more}"' in last.html
    assert "Access begins now and lasts until" in last.text


def test_news_of_no_request_leads_to_the_plane(post, told):
    cast.apply(route("r", "post", events=["role.*"], recipients=["audit@example.com"]))
    cast.apply(cast.role("brand-new"))

    told()

    mail = post.last_to("audit@example.com")
    assert mail.header("Subject") == "role.created: brand-new"
    assert "Open Access Plane: http://127.0.0.1:8000\n" in mail.text


# --- threads ------------------------------------------------------------------------------------


def test_all_mails_of_a_conversation_are_one_thread(post, bob, alice, ivan, told):
    request = deeds.ask(bob, "dba")
    told()
    deeds.approve(request, alice, at=later(minutes=1))
    deeds.approve(request, ivan, at=later(minutes=1))
    told(later(minutes=2))

    for name in (BOB, IVAN):
        first, *others = post.to(name)
        assert len(others) >= 2
        assert first.message["In-Reply-To"] is None
        assert first.message["References"] is None
        for mail in others:
            assert mail.header("In-Reply-To") == first.header("Message-ID")
            assert mail.header("References") == first.header("Message-ID")
            assert mail.header("Subject") == first.header("Subject")
    ids = [mail.header("Message-ID") for mail in post.mails]
    assert len(set(ids)) == len(ids)
    assert all(re.fullmatch(r"<[0-9a-f]{32}@example\.com>", one) for one in ids)


def test_two_requests_and_two_people_are_different_threads(post, bob, told):
    deeds.ask(bob, "dba")
    deeds.ask(bob, "staging-db")

    told()

    assert len(post.to(ALICE)) == 2
    assert all(mail.message["References"] is None for mail in post.mails)


def test_one_route_to_many_makes_as_many_mails(post, bob, told):
    """They are of one event and one route, whose key does not tell them apart."""
    cast.apply(route("r", "post", recipients=["a@example.com", "b@example.com"]))
    deeds.ask(bob, "dba")

    told()

    (one,), (other,) = post.to("a@example.com"), post.to("b@example.com")
    assert one.header("Message-ID") != other.header("Message-ID")


def test_after_a_crash_between_sending_and_noting_the_same_mail_comes_again(
    post, bob, told, monkeypatch
):
    def crash(*_, **__):
        raise SystemExit

    deeds.ask(bob, "dba")
    with monkeypatch.context() as here:
        here.setattr(lifecycle, "settle_sent", crash)
        with pytest.raises(SystemExit):
            told()
    (first,) = post.mails

    sending.send_due(at=later(minutes=2))

    again = post.to(first.recipients[0])
    assert len(again) == 2
    assert again[1].header("Message-ID") == first.header("Message-ID")
    assert again[1].link == first.link


def test_programs_are_told_that_no_person_wrote_this(post, bob, told):
    deeds.ask(bob, "dba")

    told()

    mail = post.last_to(ALICE)
    assert mail.header("Auto-Submitted") == "auto-generated"
    assert mail.header("List-Unsubscribe") == "<http://127.0.0.1:8000/notifications>"
    assert abs((parsedate_to_datetime(mail.header("Date")) - NOON).total_seconds()) < 60


# --- what people wrote --------------------------------------------------------------------------

WICKED = 'Bob\r\nBcc: eve@example.com\r\n\r\n<script>alert("1")</script>'


def test_what_people_wrote_makes_no_header(post, bob, told):
    User.objects.filter(pk=bob.pk).update(display_name=WICKED)
    deeds.ask(bob, "dba", reason=WICKED)

    told()

    assert len(post.mails) == 3
    for mail in post.mails:
        assert mail.message["Bcc"] is None
        assert mail.recipients != ["eve@example.com"]
        names = [name.lower() for name in mail.message]
        assert len(names) == len(set(names))
        assert "\n" not in mail.header("Subject")
        assert len(mail.header("Subject")) <= 90


@pytest.mark.parametrize("char", ["\r", "\n", "\x0b", "\x00", "\u2028", "\u202e", "\x85"])
def test_a_subject_is_one_line_of_what_can_be_printed(post, bob, told, char):
    if char != "\x00":  # which no database keeps
        User.objects.filter(pk=bob.pk).update(display_name=f"Bo{char}b")
    deeds.ask(bob, "dba")

    told()

    assert post.last_to(ALICE).header("Subject").isprintable()


def test_what_people_wrote_is_text_in_html(post, bob, told):
    User.objects.filter(pk=bob.pk).update(display_name='<img src="x">')
    deeds.ask(bob, "dba", reason='<script>alert("1")</script> & more')

    told()

    html, text = post.last_to(ALICE).html, post.last_to(ALICE).text
    assert "<script" not in html
    assert "<img" not in html
    assert "&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt; &amp; more" in html
    assert '<script>alert("1")</script> & more' in text


def test_the_html_loads_nothing(post, bob, told):
    deeds.ask(bob, "dba")

    told()

    html = post.last_to(ALICE).html
    assert re.findall(r"src=|url\(|@import|<link|<img|<object", html) == []
    assert set(re.findall(r'https?://[^/"]+', html)) == {"http://127.0.0.1:8000"}
    assert "prefers-color-scheme: dark" in html


def test_a_reason_cannot_look_like_another_fact(post, bob, told):
    deeds.ask(bob, "dba", reason="x\nReview: Ivan approved")

    told()

    assert "\nReview:" not in post.last_to(ALICE).text
    assert "\n    Review: Ivan approved" in post.last_to(ALICE).text


# --- what the server says -----------------------------------------------------------------------


@pytest.mark.parametrize("command", ["MAIL", "DATA"])
def test_what_the_server_will_never_take_fails_at_once_and_flags_the_channel(
    post, bob, told, command
):
    cast.apply(cast.role("developer"))  # nobody but the requester is told
    post.will_refuse(command, "550 5.1.1 No such thing")
    deeds.ask(bob, "staging-web", suggested_reviewers=("bob@example.com",))

    told()

    failed = posting(recipient=BOB)
    assert (failed.state, failed.tries) == ("FAILED", 1)
    assert failed.error == "The mail server answered 550: 5.1.1 No such thing"
    assert ChannelConfig.objects.get().problem == failed.error
    assert AuditEvent.objects.filter(type="posting.failed").count() == 1
    assert post.to(BOB) == []


@pytest.mark.parametrize("command", ["MAIL", "RCPT", "DATA"])
def test_what_the_server_may_take_later_is_tried_again(post, bob, told, command):
    post.will_refuse(command, "451 4.7.1 Greylisted")
    deeds.ask(bob, "dba")
    told()
    waiting = posting(error__gt="")
    assert (waiting.state, waiting.tries) == ("DUE", 1)
    assert waiting.error == "The mail server answered 451: 4.7.1 Greylisted"
    assert ChannelConfig.objects.get().problem == ""

    sending.send_due(at=later(seconds=10))

    assert sorted(mail.recipients[0] for mail in post.mails) == [ALICE, BOB, IVAN]
    assert set(Posting.objects.values_list("state", flat=True)) == {"SENT"}


def test_a_server_that_is_away_is_tried_again(post, bob, told, settings):
    settings.EMAIL_PORT = 1
    deeds.ask(bob, "dba")

    told()

    states = set(Posting.objects.values_list("state", "tries", "error"))
    assert states == {("DUE", 1, "The mail server could not be reached.")}
    assert post.mails == []


def test_a_server_that_does_not_let_us_in_is_tried_again(post, bob, told, settings):
    """Whoever runs the plane mends that, and no mail is lost meanwhile."""
    settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD = "plane", "the wrong password"
    deeds.ask(bob, "dba")
    told()
    (found,) = set(Posting.objects.values_list("state", "error"))
    assert found[0] == "DUE"
    assert found[1].startswith("The mail server answered 535:")
    assert "password" not in found[1]
    assert post.mails == []

    settings.EMAIL_HOST_PASSWORD = "the right password"
    sending.send_due(at=later(seconds=10))

    assert len(post.mails) == 3


def test_a_server_that_says_nothing_is_left_and_tried_again(
    post, bob, told, settings, monkeypatch
):
    monkeypatch.setattr(mailing, "TIMEOUT", timedelta(seconds=0.2))
    deeds.ask(bob, "staging-db")
    began = time.monotonic()

    with socket.create_server(("127.0.0.1", 0)) as silent:
        settings.EMAIL_PORT = silent.getsockname()[1]
        told()

    assert time.monotonic() - began < 5
    assert set(Posting.objects.values_list("state", "tries")) == {("DUE", 1)}


def test_a_recipient_that_is_no_address_fails_at_once(post, bob, told):
    cast.apply(route("r", "post", recipients=["#security"]))
    deeds.ask(bob, "dba")

    told()

    failed = posting(recipient="#security")
    assert (failed.state, failed.error) == ("FAILED", "'#security' is no e-mail address.")


def test_nothing_is_mailed_inside_a_transaction(post, bob, told):
    deeds.ask(bob, "dba")

    with transaction.atomic():
        told()

    assert post.mails == []
    assert set(Posting.objects.values_list("state", flat=True)) == {"DUE"}
