"""Whoever is not Jira is refused at the door, and nothing is heard twice."""

import json
from datetime import timedelta

import pytest

from chatops.models import Posting
from chatops.states import PostingState
from requests_app.models import AccessRequest
from requests_app.states import RequestState
from reviews.models import Review
from tests import cast, deeds
from tests.chatops.fakes.jira import SECRET, signature
from tests.chatops.jira.door import deliver, jira_channel, moved
from tests.witness import nothing_happens

pytestmark = pytest.mark.django_db

OTHER = "1" * 64


@pytest.mark.parametrize(
    "header",
    [
        "",
        "sha256=",
        f"sha256={OTHER}",
        "sha1={right}",
        "{right}",
        f"sha256={OTHER},sha256={{right}}",
        "sha256=\u00e9",
        "sha256={right}0",
    ],
)
def test_a_forged_signature(ops, ticket, clock, header):
    body = json.dumps(moved(ops, "alice", "Approved", clock)).encode()
    right = signature(body).removeprefix("sha256=")
    before = list(ops.calls)

    with nothing_happens():
        status = deliver(body, **{"X-Hub-Signature": header.format(right=right)})

    assert status == 401
    assert ops.calls == before


def test_another_secret_or_another_body(ops, ticket, clock):
    document = moved(ops, "alice", "Approved", clock)
    body = json.dumps(document).encode()

    with nothing_happens():
        assert deliver(document, secret="another") == 401
        assert deliver(body + b" ", **{"X-Hub-Signature": signature(body)}) == 401


def test_either_secret_is_right_while_one_replaces_the_other(ops, ticket, clock):
    cast.apply(jira_channel(ops, webhook_secret=["next", SECRET]))

    assert deliver(moved(ops, "alice", "Approved", clock)) == 200
    assert Review.objects.count() == 1


def test_a_replay_changes_nothing_whatever_its_unsigned_header_says(ops, pair, clock):
    body = json.dumps(moved(ops, "alice", "Approved", clock)).encode()
    signed = {"X-Hub-Signature": signature(body)}
    assert deliver(body, **signed, **{"X-Atlassian-Webhook-Identifier": "first"}) == 200

    with nothing_happens():
        assert deliver(body, **signed, **{"X-Atlassian-Webhook-Identifier": "other"}) == 202
    assert ops.comments() == []


@pytest.mark.parametrize("name", ["bob", "eve"])
def test_a_replay_of_what_was_refused_is_not_told_again(ops, ticket, clock, name):
    document = moved(ops, name, "Approved", clock)
    deliver(document)
    deliver(document)

    assert len(ops.comments()) == 1


def test_a_replay_does_not_count_when_its_sender_may_review_by_then(ops, ticket, clock):
    document = moved(ops, "mallory", "Approved", clock)
    deliver(document)
    cast.apply(cast.person("mallory", roles=["engineering"]))

    with nothing_happens():
        assert deliver(document) == 202


@pytest.mark.parametrize("late", [timedelta(minutes=61), timedelta(minutes=-6)])
def test_a_move_of_another_time_is_passed_over(ops, ticket, clock, late):
    document = ops.move("557058:alice", "Approved", at=clock.now() - late)

    with nothing_happens():
        assert deliver(document) == 202


def test_when_jira_does_not_say_who_it_is_it_may_say_it_again(ops, ticket, clock):
    document = moved(ops, "alice", "Approved", clock)
    ops.will_answer(503)

    with nothing_happens():
        assert deliver(document) == 503
    assert deliver(document) == 200
    assert AccessRequest.objects.get().state == RequestState.APPROVED


ITEM = {"field": "status", "fieldtype": "jira", "to": "2", "toString": "Approved"}


@pytest.mark.parametrize(
    "changed",
    [
        {"user": None},
        {"user": {"accountId": "557058:alice", "accountType": "app"}},
        {"user": {"accountId": "qm:alice", "accountType": "customer"}},
        {"user": {"displayName": "Alice"}},
        {"webhookEvent": "jira:issue_created"},
        {"webhookEvent": "comment_created"},
        {"changelog": None},
        {"changelog": {"id": "1", "items": []}},
        {"changelog": {"id": "1", "items": [ITEM | {"fieldtype": "custom"}]}},
        {"changelog": {"id": "1", "items": [ITEM | {"field": "summary"}]}},
        {"changelog": {"id": "1", "items": [ITEM | {"to": "6", "toString": "In Progress"}]}},
        {"changelog": {"id": "1", "items": [ITEM | {"to": None, "toString": None}]}},
        {"issue": {"id": "99999", "key": "OPS-99999"}},
    ],
)
def test_what_no_person_moved_here_is_passed_over(ops, ticket, clock, changed):
    document = moved(ops, "alice", "Approved", clock, **changed)

    with nothing_happens():
        assert deliver(document) == 202
    assert ops.comments() == []


def test_nothing_counts_unless_it_is_said(ops, ticket, clock):
    cast.apply(jira_channel(ops, transitions={"approved": "Approved"}))

    with nothing_happens():
        assert deliver(moved(ops, "alice", "Approved", clock)) == 202


def test_an_issue_that_the_plane_did_not_make_is_none_of_its_business(ops, ticket, clock):
    document = moved(ops, "alice", "Approved", clock)
    Posting.objects.filter(state=PostingState.SENT).update(posted="30001")

    with nothing_happens():
        assert deliver(document) == 202


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{",
        b"\xff",
        b"[" * 5000,
        b'{"webhookEvent": 1}',
        b'{"webhookEvent": "jira:issue_updated"}',
        b'{"webhookEvent": "jira:issue_updated", "timestamp": "now", "issue": {"id": "1"}}',
        b'{"webhookEvent": "jira:issue_updated", "timestamp": 1e300, "issue": {"id": "1"}}',
        b'{"webhookEvent": "jira:issue_updated", "timestamp": 9999999999999999,'
        b' "issue": {"id": "1"}}',
        b'{"webhookEvent": "jira:issue_updated", "timestamp": 1, "issue": {"id": "%s"}}'
        % (b"1" * 51),
        b'{"webhookEvent": "jira:issue_updated", "timestamp": 1, "issue": {"id": true}}',
        b'{"webhookEvent": "jira:issue_updated", "timestamp": 1, "issue": {"id": "1"},'
        b' "changelog": {"items": []}}',
    ],
)
def test_what_jira_never_sends(ops, body):
    assert deliver(body) == 400


def test_a_body_that_is_too_large(ops):
    assert deliver(b"x" * 3_000_000) == 413


def test_a_channel_that_is_switched_off_hears_nothing(ops, ticket, clock):
    document = jira_channel(ops)
    document["spec"]["active"] = False
    cast.apply(document)

    with nothing_happens():
        assert deliver(moved(ops, "alice", "Approved", clock)) == 401


def test_a_channel_without_a_secret_hears_nothing(ops, ticket, clock):
    cast.apply(jira_channel(ops, webhook_secret=[], transitions={}))

    with nothing_happens():
        assert deliver(moved(ops, "alice", "Approved", clock), secret="") == 401


def test_another_channel_s_secret_moves_no_issue_of_this_one(ops, ticket, clock):
    cast.apply(jira_channel(ops, "other", webhook_secret="of the other"))

    with nothing_happens():
        status = deliver(moved(ops, "alice", "Approved", clock), secret="of the other")
    assert status == 202
    assert ops.comments() == []


def test_what_people_wrote_into_the_issue_does_not_lead_the_plane(ops, pair, clock, tell):
    ops.issue()["properties"]["access-plane"] = {"stage": "approve", "key": ["x"]}

    deliver(moved(ops, "mallory", "Declined", clock))
    assert ops.status() == "Declined"
    deeds.approve(pair, cast.called("alice"))
    tell()

    assert ops.status() == "To Do"
