"""The palette in a real browser: opened, asked, and steered by the keyboard alone."""

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from tests import browsing, cast, deeds

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(browsing.IS_MISSING, reason=browsing.WHY),
]


@pytest.fixture
def palette(tab):
    """Bob's Home with the palette open."""
    cast.apply(cast.role("staging-x"))
    page = tab("bob", "/")
    page.keyboard.press("Control+k")
    expect(page.get_by_role("combobox", name="Find or do")).to_be_focused()
    return page


def chosen(page):
    """The option that a screen reader hears, as the field says."""
    pointed = page.get_by_role("combobox").get_attribute("aria-activedescendant")
    selected = page.locator("[role=option][aria-selected=true]")
    expect(selected).to_have_count(1)
    assert selected.get_attribute("id") == pointed
    return selected


def test_a_role_is_found_and_gone_to_by_the_keyboard(palette):
    palette.keyboard.type("staging-x")
    expect(palette.get_by_role("option")).to_have_text(["staging-x"])
    expect(palette.get_by_role("group", name="Request access")).to_be_visible()
    expect(palette.get_by_role("status").filter(has_text="1 found")).to_have_count(1)

    palette.keyboard.press("Enter")

    palette.wait_for_url("**/requests/new?role=staging-x")


def test_the_arrows_go_round_and_the_field_says_where(palette):
    palette.keyboard.type("staging")
    expect(palette.get_by_role("option")).to_have_count(3)
    assert chosen(palette).text_content() == "staging-db"

    heard = []
    for key in ("ArrowDown", "ArrowDown", "ArrowDown", "ArrowUp"):
        palette.keyboard.press(key)
        heard.append(chosen(palette).text_content())

    assert heard == ["staging-web", "staging-x", "staging-db", "staging-x"]
    expect(palette.get_by_role("combobox")).to_be_focused()


def test_places_are_there_before_anything_is_typed(palette):
    expect(palette.get_by_role("option", name="Reviews")).to_be_visible()

    palette.keyboard.type("revi")
    expect(palette.get_by_role("option", name="Reviews")).to_be_visible()
    palette.keyboard.press("Enter")

    palette.wait_for_url("**/reviews")


def test_escape_closes_it_and_leads_back(tab):
    page = tab("bob", "/")
    link = page.get_by_role("main").get_by_role("link", name="Request access")
    link.focus()
    page.keyboard.press("Control+k")
    expect(page.get_by_role("combobox")).to_be_focused()

    page.keyboard.press("Escape")

    expect(page.get_by_role("combobox")).to_be_hidden()
    expect(link).to_be_focused()


def test_what_is_typed_quickly_is_asked_once(tab):
    page = tab("bob", "/")
    page.clock.install(time=cast.NOON)
    page.clock.pause_at(cast.NOON + timedelta(minutes=1))
    asked = []
    page.on("request", lambda request: "/find" in request.url and asked.append(request.url))
    page.keyboard.press("Control+k")
    page.keyboard.type("staging")
    assert asked == []

    page.clock.run_for(200)

    expect(page.get_by_role("option")).to_have_text(["staging-db", "staging-web"])
    assert [url.partition("?q=")[2] for url in asked] == ["staging"]


def test_an_answer_that_nobody_waits_for_any_more_is_dropped(palette):
    palette.route("**/find?q=dba", lambda _route: None)  # it never answers
    with palette.expect_request("**/find?q=dba"):
        palette.keyboard.type("dba")

    with palette.expect_event("requestfailed", lambda one: "q=dba" in one.url):
        palette.get_by_role("combobox").fill("staging-x")

    expect(palette.get_by_role("option")).to_have_text(["staging-x"])


def test_nothing_found_is_said(palette):
    palette.keyboard.type("nobody knows this")

    expect(palette.get_by_role("status")).to_have_text(
        "Nothing is called that, or it is not for you to see."
    )
    assert palette.get_by_role("combobox").get_attribute("aria-expanded") == "false"


def test_a_plane_that_is_away_is_said(palette):
    palette.route("**/find?**", lambda route: route.abort())

    palette.keyboard.type("unheard of")

    expect(palette.get_by_role("status")).to_have_text("The plane cannot be reached.")


def test_names_are_no_markup(tab, bob, alice):
    deeds.ask(bob, "dba", reason="evil")
    bob.display_name = "<img src=x onerror=alert(1)>"
    bob.save()
    page = tab("alice", "/")
    complaints = browsing.complaints_of(page)
    page.keyboard.press("Control+k")

    page.keyboard.type("evil")

    expect(page.get_by_role("option")).to_contain_text("<img src=x onerror=alert(1)>: dba")
    assert page.locator(".palette img").count() == 0
    assert complaints == []


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_in_it(tab, theme):
    page = tab("bob", "/", color_scheme=theme)
    page.keyboard.press("Control+k")
    page.keyboard.type("staging")
    expect(page.get_by_role("option")).to_have_count(2)

    assert browsing.violations(page, browsing.GOOD, ".palette") == []
