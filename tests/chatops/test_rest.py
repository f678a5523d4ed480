"""Channels, routes and postings over REST, and the page of what failed."""

import json

import pytest
from django.test import Client

from accessplane.models import KeptAnswer
from audit.models import AuditEvent
from chatops.models import Posting
from tests import cast, deeds
from tests.cast import NOON
from tests.chatops.conftest import SECRET, channel, posting
from tests.deeds import later
from tests.web.reading import Browser

pytestmark = pytest.mark.django_db
KEY = {"Idempotency-Key": "try-it"}


@pytest.fixture
def failed(hook, bob, told) -> Posting:
    """Bob asked, and the receiver had none of it."""
    hook.will_answer(404)
    deeds.ask(bob, "dba")
    told()
    return posting()


def keeper(*verbs: str, resource="channel"):
    """Mallory with these verbs on channels."""
    rules = [{"resources": [resource], "verbs": list(verbs)}]
    cast.apply(
        cast.role("keeper", allow={"rules": rules}), cast.person("mallory", roles=["keeper"])
    )
    return cast.called("mallory")


# --- documents ----------------------------------------------------------------------------------


def test_a_channel_shows_no_secret(as_, dana, hook):
    cast.apply(channel("hook", hook.url, [SECRET, "env:NEXT_SECRET"]))

    (listed,) = as_(dana).get("channels/").json()["results"]
    answer = as_(dana).get("channels/hook/")

    assert listed == answer.json()
    assert listed["settings"] == {"url": hook.url, "secret": ["stored", "env:NEXT_SECRET"]}
    assert (listed["type"], listed["active"], listed["problem"]) == ("webhook", True, None)
    assert SECRET not in answer.content.decode()
    assert "sealed:" not in answer.content.decode()


def test_a_route_is_shown_as_its_document(as_, dana, hook):
    assert as_(dana).get("routes/all/").json()["spec"] == {
        "channel": "hook",
        "roles": [],
        "when": "",
        "events": ["access_request.*"],
        "recipients": [],
        "after": None,
        "remind": None,
        "quiet": [],
        "active": True,
    }


def test_a_channel_says_what_is_wrong_with_it(as_, dana, failed):
    problem = as_(dana).get("channels/hook/").json()["problem"]

    assert problem["sentence"] == "127.0.0.1 answered 404."


def test_a_posting_says_how_it_went(as_, dana, failed):
    found = as_(dana).get(f"postings/{failed.pk}/").json()

    event = failed.entry.event
    assert found == {
        "id": str(failed.pk),
        "state": "FAILED",
        "channel": "hook",
        "route": "all",
        "recipient": "",
        "in_place_of": None,
        "round": 0,
        "event": {
            "id": str(event.pk),
            "sequence": failed.entry.sequence,
            "type": "access_request.created",
        },
        "tries": 1,
        "created_at": "2026-03-02T12:00:00.000000Z",
        "next_try_at": None,
        "settled_at": found["settled_at"],
        "detail": "127.0.0.1 answered 404.",
    }


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("", 2),
        ("state=FAILED", 1),
        ("state=SENT", 1),
        ("state=DUE", 0),
        ("channel=hook", 2),
        ("channel=other", 0),
        ("event=access_request.created", 2),
        ("event=grant.started", 0),
        ("event=<id>", 1),
        ("state=SENT&event=<id>", 0),
    ],
)
def test_postings_are_found_by_state_channel_and_event(
    as_, dana, bob, told, failed, query, count
):
    deeds.ask(bob, "staging-db")
    told(later(seconds=1))
    query = query.replace("<id>", str(failed.entry.event_id))

    assert len(as_(dana).get(f"postings/?{query}").json()["results"]) == count


@pytest.mark.parametrize("query", ["state=sent", "state=", "kind=x", "limit=0", "cursor=x"])
def test_a_wrong_parameter_is_refused(as_, dana, hook, query):
    assert as_(dana).get(f"postings/?{query}").status_code == 400


# --- who sees what ------------------------------------------------------------------------------


def test_to_everybody_else_none_of_it_exists(as_, bob, failed):
    bobs = as_(bob)
    for path in ("channels/", "routes/", "postings/"):
        assert bobs.get(path).json()["results"] == []
    for path in ("channels/hook/", "routes/all/", f"postings/{failed.pk}/"):
        assert bobs.get(path).status_code == 404
    for path in ("channels/hook/test/", f"postings/{failed.pk}/send/"):
        assert bobs.post(path).status_code == 404
    kinds = {event["about"]["kind"] for event in bobs.get("events/").json()["results"]}
    assert not kinds & {"channel", "route", "posting"}
    failed.refresh_from_db()
    assert failed.state == "FAILED"


def test_a_reader_reads_and_sends_nothing(as_, hook, failed, told):
    reader = as_(keeper("read"))
    told(later(seconds=1))

    assert reader.get(f"postings/{failed.pk}/").status_code == 200
    assert reader.get("events/?type=posting.failed").json()["results"] != []
    assert reader.post(f"postings/{failed.pk}/send/").json()["code"] == "not_permitted"
    assert reader.post("channels/hook/test/").json()["code"] == "not_permitted"

    told(later(minutes=5))
    assert len(hook.calls) == 1
    assert not AuditEvent.objects.filter(type="posting.retried").exists()


def test_update_on_channel_is_enough_to_send_again(as_, failed):
    assert as_(keeper("update")).post(f"postings/{failed.pk}/send/").status_code == 200


def test_update_on_route_is_not(as_, failed):
    answer = as_(keeper("*", resource="route")).post(f"postings/{failed.pk}/send/")

    assert answer.status_code == 404


# --- sending again ------------------------------------------------------------------------------


def test_what_did_not_fail_is_not_sent_again(as_, dana, hook, bob, told):
    deeds.ask(bob, "dba")
    told()

    answer = as_(dana).post(f"postings/{posting().pk}/send/")

    assert (answer.status_code, answer.json()["code"]) == (409, "wrong_state")
    assert told(later(minutes=1)) == 0


def test_sending_again_twice_is_sending_again_once(as_, dana, failed):
    path = f"postings/{failed.pk}/send/"

    assert as_(dana).post(path).status_code == 200
    assert as_(dana).post(path).status_code == 409


def test_an_unknown_field_or_posting_is_refused(as_, dana, failed):
    assert as_(dana).post(f"postings/{failed.pk}/send/", {"force": True}).status_code == 400
    assert as_(dana).post(f"postings/{failed.route_id}/send/").status_code == 404


# --- a sample -----------------------------------------------------------------------------------


def test_a_sample_is_signed_and_says_how_it_went(as_, dana, hook):
    answer = as_(dana).post("channels/hook/test/")

    (call,) = hook.calls
    assert answer.json() == {"delivered": True, "detail": "127.0.0.1 answered 204."}
    assert call.verified(SECRET, at=NOON) == call.document["data"]["id"]
    assert call.document["type"] == "channel.test"
    assert call.document["data"]["actor"]["name"] == "dana@example.com"
    assert not Posting.objects.exists()


def test_a_sample_that_is_refused_says_so_and_flags_nothing(as_, dana, hook):
    hook.will_answer(401)

    answer = as_(dana).post("channels/hook/test/")

    assert answer.status_code == 200
    assert answer.json() == {"delivered": False, "detail": "127.0.0.1 answered 401."}
    assert as_(dana).get("channels/hook/").json()["problem"] is None


def test_a_sample_under_a_key_is_sent_once_and_in_no_transaction(as_, dana, hook):
    first = as_(dana).post("channels/hook/test/", headers=KEY)
    again = as_(dana).post("channels/hook/test/", headers=KEY)

    assert (first.status_code, again.status_code) == (200, 200)
    assert first.content == again.content
    assert len(hook.calls) == 1


def test_a_second_call_before_the_first_has_an_answer_is_told_so(as_, dana, hook):
    as_(dana).post("channels/hook/test/", headers=KEY)
    KeptAnswer.objects.update(status=None)

    again = as_(dana).post("channels/hook/test/", headers=KEY)

    assert (again.status_code, again.json()["code"]) == (409, "wrong_state")
    assert len(hook.calls) == 1


def test_a_refused_sample_is_kept_too_and_another_body_is_not_taken(as_, mallory, dana, hook):
    assert as_(mallory).post("channels/hook/test/", headers=KEY).status_code == 404
    assert as_(dana).post("channels/hook/test/", headers=KEY).status_code == 200
    other = as_(dana).post("channels/hook/test/", {"a": 1}, headers=KEY)

    assert (other.status_code, len(hook.calls)) == (422, 1)


# --- the page -----------------------------------------------------------------------------------


def browser(user) -> Browser:
    found = Browser(Client())
    found.client.force_login(user)
    return found


def test_the_page_lists_what_failed_and_sends_it_again(dana, hook, failed, told):
    danas = browser(dana)
    seen = danas.read("/channels/postings")
    assert "access_request.created" in seen.text
    assert "127.0.0.1 answered 404." in seen.text
    assert seen.has_button("Send again")

    seen = danas.send(f"/channels/postings/{failed.pk}/send")

    assert seen.path == "/channels/postings"
    assert "It is being sent again." in seen.text
    assert "Everything has arrived" in seen.text
    assert told(later(seconds=1)) == 1
    assert (
        "Only what failed is sent again."
        in danas.send(f"/channels/postings/{failed.pk}/send").text
    )


def test_a_reader_sees_no_button_and_nobody_else_the_page(bob, auditor, failed):
    seen = browser(auditor).read("/channels/postings")
    assert "127.0.0.1 answered 404." in seen.text
    assert not seen.has_button("Send again")
    assert browser(auditor).send(f"/channels/postings/{failed.pk}/send").status == 403
    assert browser(bob).read("/channels/postings").status == 404
    assert browser(bob).send(f"/channels/postings/{failed.pk}/send").status == 404
    failed.refresh_from_db()
    assert failed.state == "FAILED"


@pytest.mark.parametrize("path", ["/", "/reviews", "/requests/new"])
def test_the_navigation_offers_it_to_those_who_may(bob, dana, path):
    assert 'href="/channels"' in browser(dana).read(path).source
    assert 'href="/channels"' not in browser(bob).read(path).source


def test_no_answer_and_no_event_ever_holds_the_secret(as_, dana, failed):
    for path in ("channels/", "routes/", "postings/", "events/?limit=200"):
        assert SECRET not in json.dumps(as_(dana).get(path).json())
    with_it = channel("hook", "not a url", SECRET)
    assert SECRET not in as_(dana).post("apply/", [with_it]).content.decode()
    wrong = channel("hook", "https://a/", "whsec_secret-but-not-base64")
    assert "secret-but" not in as_(dana).post("apply/", [wrong]).content.decode()
