"""Which issues there are, once, and what is tried again."""

import json
from datetime import timedelta

import pytest

from accessplane.lib.errors import InvalidInput
from audit.models import AuditEvent
from chatops.channels.base import DeliveryFailed
from chatops.channels.calls import Done
from chatops.channels.jira.api import Api
from chatops.models import ChannelConfig, Posting
from chatops.services import channels
from chatops.states import PostingState
from identity.selectors import subject_of
from tests import cast, deeds
from tests.cast import NOON, actor_of
from tests.chatops.conftest import posting, route
from tests.chatops.fakes.jira import EMAIL, SECRET, TOKEN
from tests.chatops.jira.door import TRANSITIONS, deliver, jira_channel, moved
from tests.deeds import later
from tests.witness import nothing_happens

pytestmark = pytest.mark.django_db


def problem():
    return ChannelConfig.objects.get(name="jira").problem


# --- one issue ----------------------------------------------------------------------------------


def test_a_lost_answer_makes_no_second_issue(ops, bob, told, clock):
    deeds.ask(bob, "dba")
    ops.loses = ["POST /issue"]
    told(clock.move(minutes=1))
    assert posting().state == PostingState.DUE
    told(clock.move(minutes=2))

    assert ops.calls.count("POST /issue") == 1
    assert posting().posted == ops.issue()["id"]
    assert ops.comments() == []


def test_a_try_that_broke_off_waits_until_a_search_could_find_the_issue(ops, bob, told, clock):
    deeds.ask(bob, "dba")
    ops.loses = ["POST /issue"]
    now = clock.move(minutes=1)
    told(now)

    assert posting().next_at - now >= timedelta(minutes=1)


def test_an_issue_of_a_lost_answer_is_moved_once_the_request_is_settled(
    ops, bob, alice, told, clock
):
    request = deeds.ask(bob, "dba")
    ops.loses = ["POST /issue"]
    told(clock.move(minutes=1))
    deeds.deny(request, alice, at=clock.now())
    told(clock.move(minutes=2))

    assert ops.status() == "Declined"
    assert {one.posted for one in Posting.objects.all()} == {ops.issue()["id"]}


def test_an_issue_that_was_moved_before_the_plane_knew_of_it_goes_back(ops, bob, told, clock):
    deeds.ask(bob, "dba")
    ops.loses = ["POST /issue"]
    told(clock.move(minutes=1))
    with nothing_happens():
        assert deliver(moved(ops, "alice", "Approved", clock)) == 202
    told(clock.move(minutes=2))

    assert ops.status() == "To Do"


def test_what_is_settled_by_then_is_an_issue_that_says_so(ops, bob, alice, tell):
    deeds.approve(deeds.ask(bob, "staging-web"), alice)
    tell()

    assert ops.status() == "Approved"
    assert "moving the issue" not in ops.description()


@pytest.mark.parametrize("lost", ["PUT /issue/20001", "POST /issue/20001/transitions"])
def test_news_whose_answer_got_lost_is_not_told_twice(ops, ticket, alice, told, clock, lost):
    deeds.approve(ticket, alice)
    ops.loses = [lost]
    told(clock.move(minutes=1))
    told(clock.move(minutes=2))

    assert [one.split(" ")[0] for one in ops.comments()] == ["Alice", "Approved"]
    assert ops.status() == "Approved"
    assert not Posting.objects.exclude(state=PostingState.SENT).exists()


def test_an_issue_that_can_be_edited_no_more_gets_the_news_alone(ops, ticket, alice, tell):
    ops.locked = {"Declined"}
    deeds.deny(ticket, alice)
    tell()

    assert ops.comments() == ["Alice denied.", "Denied by Alice."]
    assert "Denied by" not in ops.description()
    assert ops.status() == "Declined"
    assert not Posting.objects.exclude(state=PostingState.SENT).exists()


def test_a_route_may_name_other_projects(ops, bob, tell):
    ops.projects["PAY"] = "Payments"
    cast.apply(route("issues", "jira", recipients=["PAY", "OPS"]))
    deeds.ask(bob, "dba")
    tell()

    assert {one["project"] for one in ops.issues.values()} == {"PAY", "OPS"}


def test_the_type_of_issues_may_be_named_by_its_id(ops, bob, tell):
    cast.apply(jira_channel(ops, issue_type="10002"))
    deeds.ask(bob, "dba")
    tell()

    assert posting().state == PostingState.SENT


def test_news_of_something_else_is_an_issue_that_people_move(ops, tell):
    cast.apply(route("changes", "jira", events=["role.*"]))
    tell()
    cast.apply(cast.role("new"))
    tell()
    assert ops.issue()["summary"] == "role.created: new"
    cast.apply(cast.role("new", allow={"db_roles": ["x"]}))
    tell()

    assert (ops.status(), ops.comments()) == ("To Do", ["By tests."])


# --- what goes wrong ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (401, "Jira does not take the token (401)."),
        (403, "The account of the token may not do this in Jira (403)."),
        (404, "Jira answered 404."),
    ],
)
def test_what_stays_wrong_is_not_tried_again(ops, bob, tell, status, said):
    deeds.ask(bob, "dba")
    ops.will_answer(status)
    tell()

    assert (posting().state, posting().error, problem()) == (PostingState.FAILED, said, said)
    assert AuditEvent.objects.filter(type="posting.failed").count() == 1


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"token": "another"}, "Jira does not take the token (401)."),
        (
            {"project": "NOPE"},
            "Jira answered 400: The value 'NOPE' does not exist for the field 'project'.",
        ),
        (
            {"issue_type": "Epic"},
            "Jira answered 400: issuetype: Specify a valid issue type.",
        ),
    ],
)
def test_the_owner_of_the_channel_hears_what_jira_says(ops, bob, tell, wrong, said):
    cast.apply(jira_channel(ops, **wrong))
    deeds.ask(bob, "dba")
    tell()

    assert problem() == said
    assert ops.issues == {}


def test_a_recipient_that_is_no_project_fails_alone(ops, bob, tell):
    cast.apply(route("issues", "jira", recipients=['OPS" OR project = "PAY']))
    deeds.ask(bob, "dba")
    tell()

    assert (posting().state, problem()) == (PostingState.FAILED, "")
    assert "is no key of a project" in posting().error
    assert ops.calls == []


def test_an_issue_that_somebody_deleted(ops, ticket, alice, tell):
    ops.issues.clear()
    deeds.approve(ticket, alice)
    tell()

    assert "Issue does not exist" in problem()
    assert ops.issues == {}


@pytest.mark.parametrize(("headers", "wait"), [({"retry_after": "90"}, 90), ({}, 60)])
def test_jira_may_ask_to_be_left_alone(ops, bob, told, headers, wait):
    deeds.ask(bob, "dba")
    ops.will_answer(200, {"issues": []})
    ops.will_answer(429, **headers)
    told(later(minutes=1))

    retry = posting()
    assert (retry.state, retry.error) == (PostingState.DUE, "Jira wants fewer calls (429).")
    waited = (retry.next_at - later(minutes=1)).total_seconds()
    assert wait <= waited <= wait * 1.5 + 1
    told(later(minutes=5))
    assert posting().state == PostingState.SENT


@pytest.mark.parametrize("status", [500, 503])
def test_what_passes_is_tried_again(ops, bob, told, status):
    deeds.ask(bob, "dba")
    ops.will_answer(status)
    told(later(minutes=1))
    assert posting().state == PostingState.DUE
    told(later(minutes=5))

    assert posting().state == PostingState.SENT
    assert problem() == ""


@pytest.mark.parametrize("body", [["x"], {"issues": 1}, {"issues": [{"id": 1}]}])
def test_an_answer_that_cannot_be_read_is_tried_again(ops, bob, told, body):
    deeds.ask(bob, "dba")
    ops.will_answer(200, body)
    told(later(minutes=1))

    assert posting().error == "Jira answered with something unreadable."
    assert posting().state == PostingState.DUE


def test_a_site_that_does_not_answer_in_time_is_tried_again(site):
    api = Api(site.url, 3, EMAIL, TOKEN)
    site.thinks = 0.3

    with pytest.raises(DeliveryFailed) as failure:
        api.call("GET", "/myself", Done, timeout=timedelta(milliseconds=50))

    assert not failure.value.permanent
    assert "did not answer within" in failure.value.sentence


# --- the channel --------------------------------------------------------------------------------


def sample(dana):
    return channels.send_sample(
        name="jira", subject=subject_of(dana, at=NOON), by=actor_of(dana), at=NOON
    )


def test_a_sample_tries_the_token_the_project_and_the_type_and_makes_nothing(ops, dana):
    report = sample(dana)

    assert (report.delivered, report.detail) == (
        True,
        "Jira takes the token of Access Plane for the project Operations.",
    )
    assert ops.issues == {}


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"token": "another"}, "(401)"),
        ({"project": "NOPE"}, "No project could be found with key 'NOPE'"),
        ({"issue_type": "Epic"}, "The project OPS has no type of issues 'Epic'."),
    ],
)
def test_a_sample_with_something_wrong(ops, dana, wrong, said):
    cast.apply(jira_channel(ops, **wrong))

    report = sample(dana)

    assert not report.delivered
    assert said in report.detail


def test_its_secrets_are_sealed_and_never_shown(ops):
    channel = ChannelConfig.objects.get(name="jira")

    kept = json.dumps([channel.settings, *AuditEvent.objects.values_list("data", flat=True)])
    assert TOKEN not in kept
    assert SECRET not in kept
    assert channels.shown_settings(channel) == {
        "url": ops.url,
        "email": EMAIL,
        "token": "stored",
        "project": "OPS",
        "issue_type": "Task",
        "transitions": TRANSITIONS,
        "webhook_secret": "stored",
        "link_by_email": True,
        "api": 3,
    }


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"token": ""}, "A secret is"),
        ({"token": "env:DATABASE_URL"}, "belongs to the plane"),
        ({"webhook_secret": ["a", "b", "c"]}, "at most 2"),
        ({"webhook_secret": []}, "With transitions that approve or deny there is a webhook"),
        ({"email": "nobody"}, "`email` is the address"),
        ({"email": "a:b@c"}, "`email` is the address"),
        ({"project": "ops"}, "`project` is the key of a project"),
        ({"project": 'OPS" OR 1=1'}, "`project` is the key of a project"),
        ({"issue_type": " "}, "`issue_type` is the name"),
        ({"transitions": {"approve": "Done", "deny": "done"}}, "are different statuses"),
        ({"transitions": {"approve": "Done", "waiting": "Done"}}, "are different statuses"),
        ({"transitions": {"approved": "Done", "expired": "Done"}}, "are different statuses"),
        ({"transitions": {"deny": "No", "waiting": "no"}}, "are different statuses"),
        ({"transitions": {"approve": " Done"}}, "`approve` is the name of a status"),
        ({"transitions": {"approve": "Do\nne"}}, "`approve` is the name of a status"),
        ({"transitions": {"started": "Done"}}, "`started`"),
        ({"api": 4}, "`spec.settings.api`"),
        ({"url": "ftp://x/"}, "`spec.settings`"),
        ({"colour": "red"}, "`colour`"),
    ],
)
def test_a_wrong_channel_is_refused(site, everybody, wrong, said):
    with pytest.raises(InvalidInput) as refusal:
        cast.apply(jira_channel(site, **wrong))

    assert said in refusal.value.detail
    assert not ChannelConfig.objects.exists()
