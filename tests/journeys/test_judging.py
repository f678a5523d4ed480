"""A reviewer at the keyboard, in a real browser: open, decide, choose several."""

import pytest
from playwright.sync_api import expect

from reviews.models import Review
from tests import browsing, deeds
from tests.cast import called
from tests.web import page_list, stages

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(browsing.IS_MISSING, reason=browsing.WHY),
]


@pytest.fixture
def asked(transactional_db, clock):
    """Bob asks for dba (his runs out first), Carol for staging-web; Ivan has the commented one."""
    stages.furnish("none", clock.now())
    dba = deeds.ask(called("bob"), "dba", at=clock.now(), reason="ticket #1")
    web = deeds.ask(called("carol"), "staging-web", at=clock.now(), reason="ticket #2")
    return dba, web


@pytest.fixture
def inbox(asked, live_server, chromium):
    """`inbox()`: Ivan's list, at a desk or in a size of its own."""

    def opened(size="wide"):
        width, height = page_list.SIZES[size]
        context = chromium.new_context(
            base_url=live_server.url, viewport={"width": width, "height": height}
        )
        browsing.sign_in(context, "ivan@example.com", live_server.url)
        page = context.new_page()
        page.goto("/reviews")
        page.evaluate("window.isTheSame = true")
        return page

    return opened


def row(page, request):
    return page.locator(f"#row-{request.pk}")


def test_j_k_and_enter_open_a_request_beside_the_list(inbox, asked):
    dba, web = asked
    page = inbox()

    page.keyboard.press("j")
    page.keyboard.press("j")
    expect(row(page, web).get_by_role("link")).to_be_focused()
    page.keyboard.press("k")
    page.keyboard.press("Enter")

    expect(page.locator("#judged")).to_contain_text("Bob asks for Database administrator")
    expect(row(page, dba).get_by_role("link")).to_have_attribute("aria-current", "true")
    assert page.url.endswith(f"?open={dba.pk}")
    page.keyboard.press("j")
    expect(row(page, web).get_by_role("link")).to_be_focused()
    assert page.evaluate("window.isTheSame")


def test_a_opens_the_small_form_escape_closes_it_and_ctrl_enter_sends(inbox, asked):
    dba, web = asked
    page = inbox()
    page.keyboard.press("j")
    page.keyboard.press("a")
    reason = page.get_by_role("dialog").get_by_label("Reason")
    expect(reason).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    assert not Review.objects.exists()

    page.keyboard.press("a")
    expect(reason).to_be_focused()
    page.keyboard.type("go ahead, d and j are letters here")
    page.keyboard.press("Control+Enter")

    expect(page.locator("#judged")).to_contain_text("You approved this request.")
    expect(row(page, dba)).to_have_count(0)
    expect(row(page, web).get_by_role("link")).to_be_focused()
    review = Review.objects.get()
    assert (review.decision, review.request_id) == ("APPROVE", dba.pk)
    assert review.reason == "go ahead, d and j are letters here"


def test_d_denies_the_next_one_and_nothing_is_left(inbox, asked):
    dba, web = asked
    page = inbox()
    page.keyboard.press("j")
    for request in (dba, web):
        page.keyboard.press("d")
        expect(page.get_by_role("dialog").get_by_label("Reason")).to_be_focused()
        page.keyboard.type(f"no {request.roles[0]}")
        page.keyboard.press("Control+Enter")
        expect(row(page, request)).to_have_count(0)

    found = Review.objects.order_by("created_at", "reason").values_list("decision", "reason")
    assert list(found) == [("DENY", "no dba"), ("DENY", "no staging-web")]


def test_a_refusal_stays_open_with_what_was_written(inbox, asked):
    page = inbox()
    page.keyboard.press("j")
    page.keyboard.press("a")
    reason = page.get_by_role("dialog").get_by_label("Reason")
    expect(reason).to_be_focused()
    reason.fill("x" * 4097)
    page.keyboard.press("Control+Enter")

    kept = page.locator("#judged [aria-invalid=true]")
    expect(kept).to_be_focused()
    expect(kept).to_have_value("x" * 4097)
    assert not Review.objects.exists()


def test_x_chooses_and_several_are_decided_with_a_reason_each(inbox, asked):
    page = inbox()
    several = page.get_by_role("button", name="Decide about the chosen ones")
    expect(several).to_be_hidden()
    for key in "jxjx":
        page.keyboard.press(key)
    several.click()

    for number, word in enumerate(("Approve", "Deny")):
        page.get_by_role("radio", name=word).nth(number).check()
        page.get_by_label("Reason").nth(number).fill(f"because of {number}")
    page.get_by_role("button", name="Send the decisions").click()

    expect(page.get_by_text("2 decisions count.")).to_be_visible()
    found = Review.objects.order_by("created_at", "reason").values_list("decision", "reason")
    assert list(found) == [("APPROVE", "because of 0"), ("DENY", "because of 1")]


def test_on_a_phone_the_request_takes_the_place_of_the_list(inbox, asked):
    dba, _web = asked
    page = inbox("phone")
    row(page, dba).get_by_role("link").click()

    expect(page.locator("#judged-title")).to_be_focused()
    expect(page.locator("#inbox")).to_be_hidden()
    expect(page.locator("summary", has_text="Approve")).to_be_in_viewport()
    page.go_back()
    expect(page.locator("#inbox")).to_be_visible()
    page.go_forward()
    page.get_by_role("link", name="Back to the list").click()
    expect(page.locator("#inbox")).to_be_visible()
