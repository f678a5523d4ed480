"""The form for asking in a real browser: what is chosen stays, and what comes of it is said."""

import re

import pytest
from playwright.sync_api import expect

from requests_app.models import AccessRequest
from tests import browsing
from tests.web import stages

pytestmark = [
    pytest.mark.embedded,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(browsing.IS_MISSING, reason=browsing.WHY),
]
NEW = "/requests/new"


@pytest.fixture
def page(chromium, live_server, clock, transactional_db):
    """`page("bob", "/")`: a page in Berlin; the browser may complain of nothing."""
    stages.furnish("none", clock.now())
    complaints = []

    def open_page(who, path):
        context = chromium.new_context(
            base_url=live_server.url, timezone_id="Europe/Berlin", locale="en-GB"
        )
        browsing.sign_in(context, f"{who}@example.com", live_server.url)
        tab = context.new_page()
        complaints.append(browsing.complaints_of(tab))
        tab.goto(path)
        return tab

    yield open_page
    assert complaints == [[]] * len(complaints)


def test_what_is_chosen_stays_while_one_looks_for_more(page):
    bob = page("bob", NEW)
    bob.get_by_label("Database administrator").check()
    bob.get_by_label("Find a role").fill("web")
    expect(bob.get_by_label("Staging databases")).to_have_count(0)
    bob.get_by_label("Staging web servers").check()
    bob.get_by_label("Find a role").fill("")
    expect(bob.get_by_label("Staging databases")).to_be_visible()

    chips = bob.locator("#chosen button")
    expect(chips).to_have_count(2)
    expect(bob.get_by_label("Database administrator")).to_be_checked()
    expect(bob).to_have_url(re.compile(r"\?role=dba&role=staging-web$"))

    chips.first.click()
    expect(bob.get_by_label("Database administrator")).not_to_be_checked()
    expect(chips).to_have_count(1)
    expect(chips).to_contain_text("Staging web servers")
    expect(bob.locator("#foreseen")).to_contain_text("One of Alice and Ivan must agree.")


def test_enter_in_the_search_sends_nothing(page):
    bob = page("bob", NEW)
    bob.get_by_label("Find a role").fill("web")
    bob.get_by_label("Find a role").press("Enter")

    expect(bob.get_by_label("Staging databases")).to_have_count(0)
    assert not AccessRequest.objects.exists()


def test_what_comes_of_it_follows_what_is_said(page):
    bob = page("bob", NEW)
    foreseen = bob.locator("#foreseen")
    expect(foreseen).to_contain_text("Choose what you need")

    bob.get_by_label("Database administrator").check()
    expect(foreseen).to_contain_text("Alice and Ivan must agree.")
    expect(foreseen).to_contain_text("21:00 CET")
    expect(bob.get_by_label("8 hours", exact=True)).to_be_hidden()
    expect(bob.get_by_text("The longest, 8 hours")).to_be_visible()

    bob.get_by_label("2 hours").check()
    expect(foreseen).to_contain_text("15:00 CET")
    bob.get_by_label("Another length").fill("soon")
    expect(bob.locator("#said-length")).to_contain_text("A duration is written like")
    bob.get_by_label("Another length").fill("30m")
    expect(foreseen).to_contain_text("13:30 CET")
    expect(bob.locator("#said-length")).not_to_contain_text("A duration is written like")


def test_the_server_judges_a_reason_while_it_is_written(page):
    carol = page("carol", f"{NEW}?role=staging-web")
    expect(carol.locator("#hints")).to_contain_text("Ticket number")

    carol.get_by_label("Reason").fill("the new header")
    expect(carol.locator("#said-reason")).to_contain_text("The reason lacks what is asked for")
    expect(carol.get_by_label("Reason")).to_have_attribute("aria-invalid", "true")

    carol.get_by_label("Reason").fill("ticket #12: the new header")
    expect(carol.locator("#said-reason")).to_be_empty()
    expect(carol.get_by_label("Reason")).to_have_value("ticket #12: the new header")


def test_a_start_is_written_in_the_zone_of_the_browser(page):
    bob = page("bob", f"{NEW}?role=staging-db")
    bob.get_by_text("Start later").click()
    bob.get_by_label("Start Europe/Berlin").fill("2026-03-02T15:00")
    bob.get_by_label("1 hour", exact=True).check()
    expect(bob.locator("#foreseen")).to_contain_text("15:00 CET")
    bob.get_by_text("Whom to ask first").first.click()
    bob.get_by_label("Ivan").check()
    bob.get_by_role("button", name="Request access").click()
    expect(bob.get_by_text("Pending")).to_be_visible()

    request = AccessRequest.objects.get()
    assert f"{request.start_time:%H:%M}" == "14:00"
    assert request.suggested_reviewers == ["ivan@example.com"]


def test_a_failed_send_loses_nothing(page):
    carol = page("carol", f"{NEW}?role=staging-web")
    carol.get_by_label("Reason").fill("no number")
    carol.get_by_text("Start later").click()
    carol.get_by_label("Start Europe/Berlin").fill("2026-03-03T08:15")
    carol.get_by_label("Another length").fill("90m")
    carol.get_by_role("button", name="Request access").click()
    expect(carol.get_by_role("link", name="Why is this refused?")).to_be_visible()

    expect(carol.get_by_label("Reason")).to_have_value("no number")
    expect(carol.get_by_label("Start Europe/Berlin")).to_have_value("2026-03-03T08:15")
    expect(carol.get_by_label("Another length")).to_have_value("90m")
    expect(carol.locator("#length-other")).to_be_checked()
    expect(carol.get_by_label("Staging web servers")).to_be_checked()
    assert not AccessRequest.objects.exists()
