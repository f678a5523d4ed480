"""Who is paged, once, and what is tried again."""

import json

import pytest

from accessplane.lib.errors import InvalidInput
from audit.models import AuditEvent
from chatops.models import ChannelConfig, Posting
from chatops.services import channels
from chatops.states import PostingState
from identity.selectors import subject_of
from tests import cast, deeds
from tests.cast import NOON, actor_of
from tests.chatops.conftest import posting, route
from tests.chatops.fakes.pagerduty import API_KEY, SECRET, SENDER
from tests.chatops.pagerduty_door import pagerduty_channel
from tests.deeds import later

pytestmark = pytest.mark.django_db


def problem():
    return ChannelConfig.objects.get(name="pagerduty").problem


# --- one incident -------------------------------------------------------------------------------


def test_a_lost_answer_makes_no_second_incident(pager, payments, bob, told, clock):
    deeds.ask(bob, "dba")
    pager.loses = ["POST /incidents"]
    told(clock.move(minutes=1))
    assert posting().state == PostingState.DUE
    told(clock.move(minutes=1))

    assert pager.calls.count("POST /incidents") == 2
    assert posting().posted == pager.incident()["id"]


def test_an_incident_of_a_lost_answer_is_resolved_once_the_request_is(
    pager, payments, bob, alice, told, clock
):
    request = deeds.ask(bob, "dba")
    pager.loses = ["POST /incidents"]
    told(clock.move(minutes=1))
    deeds.deny(request, alice, at=clock.now())
    told(clock.move(minutes=1))

    assert pager.incident()["status"] == "resolved"
    assert {one.posted for one in Posting.objects.all()} == {pager.incident()["id"]}


def test_nobody_is_paged_for_what_is_settled_by_then(pager, payments, bob, alice, tell):
    request = deeds.ask(bob, "dba")
    deeds.deny(request, alice)
    tell()
    tell()

    assert pager.incidents == {}
    assert not Posting.objects.exclude(state=PostingState.SENT).exists()


def test_low_urgency_if_that_is_said(pager, payments, bob, tell):
    cast.apply(pagerduty_channel(pager, urgency="low", approve_on={}))
    deeds.ask(bob, "dba")
    tell()

    assert pager.incident()["urgency"] == "low"
    assert "acknowledging" not in pager.incident()["body"]["details"]


def test_news_of_something_else_is_an_incident_that_people_resolve(pager, payments, tell):
    cast.apply(route("changes", "pagerduty", recipients=["payments"], events=["role.*"]))
    tell()
    cast.apply(cast.role("new"))
    tell()
    assert pager.incident()["title"] == "role.created: new"
    cast.apply(cast.role("new", allow={"db_roles": ["x"]}))
    tell()

    assert pager.incident()["status"] == "triggered"
    assert pager.notes() == ["By tests."]


# --- which service ------------------------------------------------------------------------------


@pytest.mark.parametrize("named", ["PAYMENTS", "payments", "PS00001"])
def test_a_service_by_its_id_or_its_name(pager, payments, bob, tell, named):
    pager.found("payments-staging")
    cast.apply(route("page", "pagerduty", recipients=[named]))
    deeds.ask(bob, "dba")
    tell()

    assert pager.incident()["service"]["id"] == payments


@pytest.fixture
def annotating(pager, payments):
    """The route names no service, and developers have theirs in the annotation of what they ask."""
    ledger = pager.found("ledger")
    wish = {
        "roles": ["dba"],
        "annotations": {"pagerduty_services": ["ledger", "payments"]},
    }
    cast.apply(
        cast.role("developer", allow={"request": wish}),
        route("page", "pagerduty", events=["access_request.created", "role.*"]),
    )
    return {ledger, payments}


def test_the_annotation_of_a_request_names_services(pager, annotating, bob, tell):
    deeds.ask(bob, "dba")
    tell()

    assert {one["service"]["id"] for one in pager.incidents.values()} == annotating


def test_the_incidents_of_an_annotation_are_resolved(pager, annotating, bob, alice, tell):
    request = deeds.ask(bob, "dba")
    tell()
    deeds.deny(request, alice)
    tell()

    assert {one["status"] for one in pager.incidents.values()} == {"resolved"}


def test_what_has_no_annotation_pages_nobody(pager, annotating, carol, tell):
    deeds.ask(carol, "staging-web")
    cast.apply(cast.role("new"))
    tell()

    assert pager.incidents == {}
    assert not Posting.objects.exists()


def test_the_route_s_own_services_come_first(pager, annotating, payments, bob, tell):
    cast.apply(route("page", "pagerduty", recipients=["payments"]))
    deeds.ask(bob, "dba")
    tell()

    assert pager.incident()["service"]["id"] == payments


# --- what goes wrong ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (401, "PagerDuty does not take the API key (401)."),
        (402, "The PagerDuty account does not include this (402)."),
        (403, "The API key may not do this in PagerDuty (403)."),
        (404, "PagerDuty answered 404."),
    ],
)
def test_what_stays_wrong_is_not_tried_again(pager, payments, bob, tell, status, said):
    deeds.ask(bob, "dba")
    pager.will_answer(status)
    tell()

    assert (posting().state, posting().error, problem()) == (PostingState.FAILED, said, said)
    assert AuditEvent.objects.filter(type="posting.failed").count() == 1


def test_a_sender_that_pagerduty_does_not_know(pager, payments, bob, tell):
    cast.apply(pagerduty_channel(pager, **{"from": "eve@example.com"}))
    deeds.ask(bob, "dba")
    tell()

    said = "PagerDuty answered 400: Invalid Input Provided - Requester User Not Found."
    assert problem() == said
    assert pager.incidents == {}


@pytest.mark.parametrize(
    ("headers", "wait"),
    [({"retry_after": "90"}, 90), ({"ratelimit_reset": "70"}, 70), ({}, 5)],
)
def test_pagerduty_may_ask_to_be_left_alone(pager, payments, bob, told, headers, wait):
    deeds.ask(bob, "dba")
    pager.will_answer(429, **headers)
    told(later(minutes=1))

    retry = posting()
    assert (retry.state, retry.error) == (
        PostingState.DUE,
        "PagerDuty wants fewer calls (429).",
    )
    waited = (retry.next_at - later(minutes=1)).total_seconds()
    assert wait * 0.5 <= waited <= wait * 1.5 + 1
    told(later(minutes=5))
    assert posting().state == PostingState.SENT


@pytest.mark.parametrize("status", [500, 503])
def test_what_passes_is_tried_again(pager, payments, bob, told, status):
    deeds.ask(bob, "dba")
    pager.will_answer(status)
    told(later(minutes=1))
    assert posting().state == PostingState.DUE
    told(later(minutes=5))

    assert posting().state == PostingState.SENT
    assert problem() == ""


@pytest.mark.parametrize("body", [["x"], {"services": 1}, {"services": [{"id": 1}]}])
def test_an_answer_that_cannot_be_read_is_tried_again(pager, payments, bob, told, body):
    deeds.ask(bob, "dba")
    pager.will_answer(200, body)
    told(later(minutes=1))

    assert posting().error == "PagerDuty answered with something unreadable."
    assert posting().state == PostingState.DUE


# --- the channel --------------------------------------------------------------------------------


def sample(dana):
    return channels.send_sample(
        name="pagerduty",
        subject=subject_of(dana, at=NOON),
        by=actor_of(dana),
        at=NOON,
    )


def test_a_sample_tries_the_key_and_pages_nobody(pager, payments, dana):
    report = sample(dana)

    assert (report.delivered, report.detail) == (True, "PagerDuty takes the API key.")
    assert pager.incidents == {}


def test_a_sample_with_a_wrong_key(pager, payments, dana):
    cast.apply(pagerduty_channel(pager, api_key="wrong"))

    assert not sample(dana).delivered


def test_its_secrets_are_sealed_and_never_shown(pager, payments):
    channel = ChannelConfig.objects.get(name="pagerduty")

    kept = json.dumps([channel.settings, *AuditEvent.objects.values_list("data", flat=True)])
    assert API_KEY not in kept
    assert SECRET not in kept
    assert channels.shown_settings(channel) == {
        "api_key": "stored",
        "from": SENDER,
        "webhook_secret": "stored",
        "urgency": "high",
        "approve_on": {"acknowledged": "approve"},
        "link_by_email": True,
        "api_url": pager.url,
    }


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"api_key": ""}, "A secret is"),
        ({"api_key": "env:DATABASE_URL"}, "belongs to the plane"),
        ({"webhook_secret": ["a", "b", "c"]}, "at most 2"),
        ({"webhook_secret": []}, "With approve_on there is a webhook_secret"),
        ({"from": "nobody"}, "`from` is the e-mail address"),
        ({"from": "a@b\r\nx: y"}, "`from` is the e-mail address"),
        ({"urgency": "higher"}, "`spec.settings.urgency`"),
        ({"approve_on": {"acknowledged": "comment"}}, "`spec.settings.approve_on[...]`"),
        ({"api_url": "ftp://x/"}, "`spec.settings`"),
        ({"colour": "red"}, "`colour`"),
    ],
)
def test_a_wrong_channel_is_refused(pager, everybody, wrong, said):
    with pytest.raises(InvalidInput) as refusal:
        cast.apply(pagerduty_channel(pager, **wrong))

    assert said in refusal.value.detail
    assert not ChannelConfig.objects.exists()
