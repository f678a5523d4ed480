"""Access that is held, will be, and was: who sees it, who takes it away."""

import csv
import io
from datetime import timedelta

import pytest

from audit.models import AuditEvent
from requests_app.models import Grant
from requests_app.states import GrantState
from tests import cast, deeds


@pytest.fixture
def story(bob, alice, ivan, carol, clock):
    """Bob holds dba and will hold it; he gave staging-db back, Carol lost staging-web."""
    now = deeds.granted_dba(bob, reason="=1+1")
    back = deeds.ask(bob, "staging-db")
    deeds.approve(back, alice)
    deeds.end(back.grants.get(), bob)
    lost = deeds.ask(carol, "staging-web", duration=timedelta(days=2))
    deeds.approve(lost, alice)
    deeds.revoke(lost.grants.get(), alice, reason='=HYPERLINK("x")')
    cast.apply(cast.role("staging-later"))
    later = deeds.ask(bob, "staging-later", start_time=deeds.later(hours=5))
    deeds.approve(later, alice)
    return now


def exported(browser, query: str = "") -> list[dict[str, str]]:
    content = b"".join(browser.client.get(f"/grants/grants.csv{query}"))
    return list(csv.DictReader(io.StringIO(content.decode())))


def found(browser, query: str = "") -> set[tuple[str, str]]:
    rows = exported(browser, query)
    shown = browser.read(f"/grants{query}").source
    assert shown.count("<tr>") - 1 == len(rows) or not rows
    return {(row["user"].partition("@")[0], row["role"]) for row in rows}


NOW, LATER = ("bob", "dba"), ("bob", "staging-later")
BACK, LOST = ("bob", "staging-db"), ("carol", "staging-web")


@pytest.mark.parametrize(
    ("query", "grants"),
    [
        ("", {NOW, LATER}),
        ("?state=ACTIVE", {NOW}),
        ("?state=SCHEDULED", {LATER}),
        ("?state=past", {BACK, LOST}),
        ("?state=ENDED", {BACK}),
        ("?state=REVOKED", {LOST}),
        ("?state=EXPIRED", set()),
        ("?state=all", {NOW, LATER, BACK, LOST}),
        ("?state=all&person=CAROL", {LOST}),
        ("?state=all&role=staging", {LATER, BACK, LOST}),
        ("?state=all&since=2026-03-02&until=2026-03-02", {NOW, LATER, BACK, LOST}),
        ("?state=all&since=2026-03-03", {LATER}),
        ("?state=all&since=2026-03-04", set()),
        ("?state=all&until=2026-03-01", set()),
        ("?state=all&until=2026-03-02", {NOW, LATER, BACK, LOST}),
    ],
)
def test_filters_narrow(browser, auditor, story, query, grants):
    assert found(browser(auditor), query) == grants


def test_what_ran_out_is_past_whether_a_job_has_run_or_not(browser, auditor, story, clock):
    clock.move(hours=9)

    assert NOW in found(browser(auditor), "?state=EXPIRED")
    assert NOW in found(browser(auditor), "?state=past")
    assert found(browser(auditor), "") == {LATER}


def test_what_is_due_has_begun(browser, auditor, story, clock):
    clock.move(hours=6)

    assert "staging-later" in browser(auditor).read("/grants?state=ACTIVE").text
    assert LATER in found(browser(auditor), "?state=ACTIVE")
    assert Grant.objects.get(role__name="staging-later").state == GrantState.ACTIVE


@pytest.mark.parametrize(
    ("name", "grants"),
    [
        ("bob", {NOW, LATER, BACK, LOST}),  # he reviews staging-*
        ("carol", {LOST}),
        ("mallory", set()),
        ("ivan", {NOW, LATER, BACK, LOST}),
        ("dana", {NOW, LATER, BACK, LOST}),
    ],
)
def test_who_sees_which(browser, everybody, story, name, grants):
    viewer = browser(cast.called(name))

    assert found(viewer, "?state=all") == grants
    is_told = "All access that is held" in viewer.read("/grants").text
    assert is_told == (name == "dana")


def test_a_list_that_is_empty_says_what_to_do(browser, mallory, auditor, everybody):
    assert (
        "You hold no access that ends. Request access" in browser(mallory).read("/grants").text
    )
    assert "Nobody holds access for a while now." in browser(auditor).read("/grants").text
    assert "No access that you may see is like this." in (
        browser(auditor).read("/grants?person=x").text
    )


@pytest.mark.parametrize("query", ["?state=GONE", "?since=yesterday", "?person=%00"])
def test_what_makes_no_sense_is_said(browser, auditor, story, query):
    assert browser(auditor).read(f"/grants{query}").status == 400
    assert browser(auditor).read(f"/grants/grants.csv{query}").status == 400


def test_the_file_holds_nothing_that_is_calculated(browser, auditor, story):
    rows = exported(browser(auditor), "?state=REVOKED")

    assert [row["reason"] for row in rows] == ['\'=HYPERLINK("x")']
    assert rows[0]["state"] == "REVOKED"
    assert rows[0]["ends_at"] > rows[0]["closed_at"] == "2026-03-02T12:00:00.000000Z"


def test_access_is_taken_with_a_reason_and_the_list_stays_as_it_was(browser, alice, story):
    seen = browser(alice).send(f"/grants/{story.pk}/revoke?person=bob", reason="a leak")

    story.refresh_from_db()
    assert (story.state, story.closed_reason) == ("REVOKED", "a leak")
    assert "You revoked the access." in seen.text
    assert seen.response.request["QUERY_STRING"] == "person=bob"


def test_without_a_reason_nothing_is_taken(browser, alice, story):
    seen = browser(alice).send(f"/grants/{story.pk}/revoke", reason=" ")

    story.refresh_from_db()
    assert (seen.status, story.state) == (400, "ACTIVE")
    assert "A reason is required." in seen.text
    assert "data-dialog open" in seen.source


def test_what_is_over_is_not_taken(browser, alice, story, clock):
    clock.move(hours=9)
    count = AuditEvent.objects.filter(type="grant.revoked").count()

    seen = browser(alice).send(f"/grants/{story.pk}/revoke", reason="late")

    assert AuditEvent.objects.filter(type="grant.revoked").count() == count
    assert seen.path == "/grants"
    assert seen.status == 200


def test_who_may_not_take_it_is_offered_nothing_and_takes_nothing(
    browser, bob, auditor, carol, story
):
    assert "Revoke" not in browser(auditor).read("/grants?state=ACTIVE").text.replace(
        "Revoked", ""
    )
    assert browser(auditor).send(f"/grants/{story.pk}/revoke", reason="x").status == 403
    assert browser(carol).send(f"/grants/{story.pk}/revoke", reason="x").status == 404

    story.refresh_from_db()
    assert story.state == "ACTIVE"


def test_its_holder_gives_it_back_from_the_list(browser, bob, story):
    bobs = browser(bob)
    assert "Give back" in bobs.read("/grants?role=dba").text

    seen = bobs.send(f"/requests/{story.request_id}/grants/{story.pk}/end", back="grants")

    assert seen.path == "/grants"
    story.refresh_from_db()
    assert story.state == "ENDED"


def test_who_may_not_see_the_request_gets_no_link_to_it(browser, mallory, story, everybody):
    rules = [{"resources": ["grant"], "verbs": ["revoke"]}]
    cast.apply(cast.role("firefighter", allow={"rules": rules}))
    cast.apply(cast.person("mallory", roles=["firefighter"]))

    seen = browser(mallory).read("/grants?state=ACTIVE")

    assert "bob@example.com" in seen.text
    assert f"/requests/{story.request_id}" not in seen.source
    assert "Revoke" in seen.text
