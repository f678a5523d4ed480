"""The page of a person shows as much of it as the viewer may see, and to strangers nothing."""

import pytest

from audit import services
from audit.models import LedgerEntry
from tests import cast, deeds

BOB = "/people/bob@example.com"


@pytest.fixture
def story(bob, alice, clock):
    """Bob holds staging-web, and waits for dba."""
    deeds.approve(deeds.ask(bob, "staging-web", reason="ticket #1"), alice)
    deeds.ask(bob, "dba", reason="ticket #2")


def test_who_reads_people_sees_all_of_it(browser, auditor, story):
    cast.apply(cast.person("bob", roles=["developer"], traits={"team": ["payments"]}))
    text = browser(auditor).read(BOB).text

    for told in ("bob@example.com", "developer", "payments", "staging-web", "ticket #2"):
        assert told in text


def test_who_reviews_sees_what_there_is_to_review(browser, bob, alice, story):
    cast.apply(cast.person("bob", roles=["developer"], traits={"team": ["payments"]}))
    seen = browser(alice).read(BOB)

    assert "ticket #1" in seen.text
    assert "ticket #2" in seen.text
    assert "payments" not in seen.text
    assert "Always holds" not in seen.text


def test_a_part_of_what_was_asked_is_for_who_reviews_that_part(browser, carol, story):
    review = {"review_requests": {"roles": ["dba"], "where": 'request.reason == "ticket #2"'}}
    cast.apply(cast.role("picky", allow=review), cast.person("carol", roles=["picky"]))
    text = browser(carol).read(BOB).text

    assert "ticket #2" in text
    assert "ticket #1" not in text
    assert "staging-web" not in text


@pytest.mark.parametrize(
    "email", ["bob@example.com", "nobody@example.com", "%00", "a/b", "é" * 300]
)
def test_to_a_stranger_nobody_is_there(browser, mallory, story, email):
    seen = browser(mallory).read(f"/people/{email}")
    other = browser(mallory).read("/people/who@example.com")

    assert seen.status == other.status == 404
    assert seen.text == other.text


def test_oneself_is_there_without_a_right(browser, mallory, everybody, clock):
    text = browser(mallory).read("/people/Mallory@example.com").text

    assert "Your settings" in text
    assert "Always holds" in text


@pytest.mark.parametrize("who", ["alice", "auditor"])
def test_names_lead_to_whom_the_viewer_may_see(browser, bob, everybody, clock, who):
    request = deeds.ask(bob, "dba")
    source = browser(cast.called(who)).read(f"/requests/{request.pk}").source

    assert f'href="{BOB}"' in source
    assert ('href="/people/ivan@example.com"' in source) == (who == "auditor")


@pytest.mark.parametrize(
    ("type_", "name", "page"),
    [
        ("user.created", "bob@example.com", BOB),
        ("role.created", "dba", "/roles/dba"),
        ("workflow.created", "ticket", "/workflows/ticket"),
        ("channel.created", "mail", "/channels/"),
    ],
)
def test_the_log_leads_to_what_its_events_are_about(
    browser, auditor, story, clock, type_, name, page
):
    cast.apply(
        document("workflow", "ticket", {"engine": "expression", "expression": "true == true"}),
        document("channel", "mail", {"type": "email", "settings": {"sender": "a@example.com"}}),
    )
    services.drain(at=clock.now())
    entry = LedgerEntry.objects.get(event__type=type_, event__about_name=name)

    assert f'class="button" href="{page}' in browser(auditor).read(f"/audit/{entry.pk}").source


def document(kind, name, spec):
    return {"kind": kind, "version": "v1", "metadata": {"name": name}, "spec": spec}
