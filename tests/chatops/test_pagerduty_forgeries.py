"""Whoever is not PagerDuty is refused at the door, and nothing is heard twice."""

import json
from datetime import timedelta

import pytest

from requests_app.models import AccessRequest
from requests_app.states import RequestState
from reviews.models import Review
from tests import cast, deeds
from tests.chatops.fakes.pagerduty import SECRET, signature
from tests.chatops.pagerduty_door import acknowledged, deliver, pagerduty_channel
from tests.witness import nothing_happens

pytestmark = pytest.mark.django_db

OTHER = "1" * 64


@pytest.mark.parametrize(
    "header",
    [
        "",
        "v1=",
        f"v1={OTHER}",
        "v0={right}",
        "{right}",
        f"v1={OTHER}," * 10 + "v1={right}",
        "v1=\u00e9",
        "v1={right}0",
    ],
)
def test_a_forged_signature(pager, paged, clock, header):
    body = json.dumps(acknowledged(pager, "alice", clock)).encode()
    right = signature(body).removeprefix("v1=")
    before = list(pager.calls)

    with nothing_happens():
        status = deliver(body, **{"X-PagerDuty-Signature": header.format(right=right)})

    assert status == 401
    assert pager.calls == before


def test_another_secret_or_another_body(pager, paged, clock):
    document = acknowledged(pager, "alice", clock)
    body = json.dumps(document).encode()

    with nothing_happens():
        assert deliver(document, secret="another") == 401
        assert deliver(body + b" ", **{"X-PagerDuty-Signature": signature(body)}) == 401


def test_one_of_the_signatures_is_enough_while_a_secret_is_replaced(
    pager,
    paged,
    clock,
):
    cast.apply(pagerduty_channel(pager, webhook_secret=["next", SECRET]))
    body = json.dumps(acknowledged(pager, "alice", clock)).encode()

    header = f"v1={OTHER}, {signature(body)}"

    assert deliver(body, **{"X-PagerDuty-Signature": header}) == 202
    assert Review.objects.count() == 1


def test_a_replay_changes_nothing(pager, payments, bob, tell, clock):
    deeds.ask(bob, "dba")
    tell()
    document = acknowledged(pager, "alice", clock)
    deliver(document)

    with nothing_happens():
        assert [deliver(document), deliver(document)] == [202, 202]
    assert pager.notes() == []


@pytest.mark.parametrize("name", ["bob", "eve"])
def test_a_replay_of_what_was_refused_is_not_noted_again(pager, paged, clock, name):
    document = acknowledged(pager, name, clock)
    deliver(document)
    deliver(document)

    assert len(pager.notes()) == 1


def test_a_replay_does_not_count_when_its_sender_may_review_by_then(
    pager,
    paged,
    clock,
):
    document = acknowledged(pager, "mallory", clock)
    deliver(document)
    cast.apply(cast.person("mallory", roles=["engineering"]))

    with nothing_happens():
        assert deliver(document) == 202


@pytest.mark.parametrize("late", [timedelta(minutes=61), timedelta(minutes=-6)])
def test_an_event_of_another_time_is_passed_over(pager, paged, clock, late):
    document = pager.acknowledge(pager.hire("alice"), at=clock.now() - late)

    with nothing_happens():
        assert deliver(document) == 202


def test_when_pagerduty_does_not_say_who_it_is_it_may_say_it_again(pager, paged, clock):
    document = acknowledged(pager, "alice", clock)
    pager.will_answer(503)

    with nothing_happens():
        assert deliver(document) == 503
    assert deliver(document) == 202
    assert AccessRequest.objects.get().state == RequestState.APPROVED


@pytest.mark.parametrize(
    "changed",
    [
        {"agent": None},
        {"agent": {"id": "PS00001", "type": "service_reference", "summary": "alice"}},
        {"event_type": "incident.unacknowledged"},
        {"event_type": "incident.annotated"},
        {"event_type": "pagey.ping", "data": {"type": "ping"}, "agent": {"id": None}},
        {"data": {"id": "PT99999", "type": "incident"}},
    ],
)
def test_what_nobody_acknowledged_here_is_passed_over(pager, paged, clock, changed):
    document = acknowledged(pager, "alice", clock, **changed)

    with nothing_happens():
        assert deliver(document) == 202
    assert pager.notes() == []


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{",
        b"\xff",
        b"[" * 5000,
        b'{"event": {"event_type": 1}}',
        b'{"event": {"event_type": "incident.acknowledged", "id": "x", "data": {"id": "P"}}}',
        b'{"event": {"event_type": "incident.acknowledged", "id": "%s",'
        b' "occurred_at": "2026-03-02T12:00:00Z", "data": {"id": "P"}}}' % (b"x" * 129),
        b'{"event": {"event_type": "incident.acknowledged", "id": "x",'
        b' "occurred_at": "2026-03-02T12:00:00", "data": {"id": "P"}}}',
    ],
)
def test_what_pagerduty_never_sends(pager, payments, body):
    assert deliver(body) == 400


def test_a_body_that_is_too_large(pager, payments):
    assert deliver(b"x" * 2_000_000) == 413


@pytest.mark.parametrize(
    "path",
    ["pagerduty/webhooks", "pagerduty/", "webhook/webhook", "email/webhook", "nothing/webhook"],
)
def test_there_is_no_other_door(pager, paged, clock, client, path):
    body = json.dumps(acknowledged(pager, "alice", clock)).encode()
    headers = {"X-PagerDuty-Signature": signature(body)}

    with nothing_happens():
        response = client.post(f"/chatops/{path}", body, "application/json", headers=headers)

    assert response.status_code in {302, 404}


def test_a_channel_that_is_switched_off_hears_nothing(pager, paged, clock):
    document = pagerduty_channel(pager)
    document["spec"]["active"] = False
    cast.apply(document)

    with nothing_happens():
        assert deliver(acknowledged(pager, "alice", clock)) == 401


def test_a_channel_without_a_secret_hears_nothing(pager, paged, clock):
    cast.apply(pagerduty_channel(pager, webhook_secret=[], approve_on={}))

    with nothing_happens():
        assert deliver(acknowledged(pager, "alice", clock), secret="") == 401


def test_another_channel_s_secret_opens_no_incident_of_this_one(pager, paged, clock):
    cast.apply(pagerduty_channel(pager, "other", webhook_secret="of the other"))

    with nothing_happens():
        assert deliver(acknowledged(pager, "alice", clock), secret="of the other") == 202
    assert pager.notes() == []


def test_an_incident_is_found_by_the_channel_that_opened_it(pager, paged, clock):
    cast.apply(pagerduty_channel(pager, "a second one with the same secret"))

    assert deliver(acknowledged(pager, "alice", clock)) == 202
    assert AccessRequest.objects.get().state == RequestState.APPROVED
