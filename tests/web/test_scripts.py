"""The small scripts of every page, in a real browser: keys, dialogs, theme, messages, forms, times."""

import pytest
from playwright.sync_api import expect

from identity.models import ApiToken
from requests_app.models import AccessRequest, Grant
from tests import browsing, deeds
from tests.cast import NOON

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(browsing.IS_MISSING, reason=browsing.WHY),
]


# --- keys ---------------------------------------------------------------------------------------


@pytest.fixture
def three(bob, alice):
    """Bob asked for three roles."""
    for role in ("dba", "staging-db", "staging-web"):
        deeds.ask(bob, role)


def test_j_and_k_go_from_line_to_line_and_enter_opens_it(tab, three):
    page = tab("bob", "/")
    lines = page.locator("[data-rows] .whole")

    for key, line in (("j", 0), ("j", 1), ("j", 2), ("j", 2), ("k", 1)):
        page.keyboard.press(key)
        expect(lines.nth(line)).to_be_focused()

    address = lines.nth(1).get_attribute("href")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{address}")


def test_x_ticks_the_line(tab):
    page = tab("bob", "/")
    page.locator("main").evaluate(
        """main => main.innerHTML = `<table data-rows><tbody>
          <tr><td><input type=checkbox aria-label=First><a class=whole href="#1">First</a></td></tr>
          <tr><td><input type=checkbox aria-label=Second><a class=whole href="#2">Second</a></td></tr>
        </tbody></table>`"""
    )

    page.keyboard.type("jjx")

    expect(page.get_by_label("First")).not_to_be_checked()
    expect(page.get_by_label("Second")).to_be_checked()
    page.keyboard.press("x")
    expect(page.get_by_label("Second")).not_to_be_checked()


def test_two_keys_lead_to_a_place(tab):
    page = tab("bob", "/reviews")

    page.keyboard.type("gh")
    page.wait_for_url("**/")
    page.keyboard.type("gs")
    page.wait_for_url("**/settings")


def test_the_second_key_does_not_count_after_a_pause(tab):
    page = tab("bob", "/reviews")
    page.clock.install()
    page.keyboard.press("g")
    page.clock.fast_forward(1_000)

    page.keyboard.press("h")
    page.clock.fast_forward(1_000)
    page.keyboard.press("?")

    expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
    assert page.url.endswith("/reviews")


def test_a_question_mark_shows_the_keys_and_escape_hides_them(tab):
    page = tab("bob", "/")

    page.keyboard.press("?")

    keys = page.get_by_role("dialog", name="Keys")
    for name in ("Home", "Reviews", "Settings", "Find or do"):
        expect(keys.get_by_text(name, exact=True)).to_be_visible()
    page.keyboard.press("Escape")
    expect(keys).to_have_count(0)


def test_letters_in_a_field_are_letters(tab):
    page = tab("bob", "/requests/new")
    reason = page.get_by_label("Reason")
    reason.focus()

    page.keyboard.type("gh j?")

    expect(reason).to_have_value("gh j?")
    assert page.url.endswith("/requests/new")
    assert page.get_by_role("dialog").count() == 0


# --- dialogs ------------------------------------------------------------------------------------


@pytest.fixture
def held(bob, alice):
    """Bob holds staging-web."""
    request = deeds.ask(bob, "staging-web")
    deeds.approve(request, alice)
    return request


def test_escape_answers_a_question_with_no(tab, held):
    page = tab("bob", "/")
    sent = []
    page.on("request", lambda request: request.method == "POST" and sent.append(request.url))
    button = page.get_by_role("button", name="Give back")
    button.click()
    expect(page.get_by_role("dialog", name="Give staging-web back?")).to_be_visible()

    page.keyboard.press("Escape")

    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(button).to_be_focused()
    assert sent == []
    assert Grant.objects.get().state == "ACTIVE"


def test_yes_does_what_was_asked_once(tab, held):
    page = tab("bob", "/")
    sent = []
    page.on("request", lambda request: request.method == "POST" and sent.append(request.url))
    page.get_by_role("button", name="Give back").click()

    page.get_by_role("dialog").get_by_role("button", name="Give back").click()

    expect(page.get_by_text("You gave staging-web back.")).to_be_visible()
    assert len(sent) == 1
    assert Grant.objects.get().state == "ENDED"


def test_what_cannot_be_undone_is_not_what_enter_does(tab, bob):
    page = tab("bob", "/settings/tokens")
    page.get_by_label("What it is for").fill("laptop")
    page.get_by_role("button", name="Make the token").click()
    page.get_by_role("button", name="Revoke laptop").click()
    expect(page.get_by_role("button", name="Keep it as it is")).to_be_focused()

    page.keyboard.press("Enter")

    expect(page.get_by_role("dialog")).to_have_count(0)
    assert ApiToken.objects.get().revoked_at is None


def test_a_form_opens_as_a_dialog_and_leads_back(tab, held):
    page = tab("alice", f"/requests/{held.pk}")
    summary = page.locator("summary", has_text="Revoke")
    summary.click()
    dialog = page.get_by_role("dialog", name="Revoke")
    expect(dialog.get_by_label("Reason")).to_be_visible()

    page.keyboard.press("Escape")

    expect(dialog).to_have_count(0)
    expect(summary).to_be_focused()
    expect(page.get_by_label("Reason")).to_be_hidden()


def test_a_form_that_was_closed_this_moment_opens_again(tab, held):
    page = tab("alice", f"/requests/{held.pk}")
    page.locator("summary", has_text="Revoke").click()
    dialog = page.get_by_role("dialog", name="Revoke")

    dialog.evaluate("one => { one.close(); one.parentNode.querySelector('summary').click(); }")

    expect(dialog.get_by_label("Reason")).to_be_focused()


def test_a_click_beside_a_dialog_closes_it_unless_something_is_written_there(tab, held):
    page = tab("alice", f"/requests/{held.pk}")
    page.locator("summary", has_text="Revoke").click()
    page.get_by_role("dialog").get_by_label("Reason").fill("because")
    page.mouse.click(5, 5)
    expect(page.get_by_role("dialog")).to_be_visible()

    page.get_by_role("dialog").get_by_label("Reason").fill("")
    page.mouse.click(5, 5)

    expect(page.get_by_role("dialog")).to_have_count(0)


# --- the theme ----------------------------------------------------------------------------------

GROUND = "getComputedStyle(document.body).backgroundColor"


def test_the_theme_changes_at_once_and_the_next_page_begins_with_it(tab):
    page = tab("bob", "/settings", color_scheme="light")
    page.evaluate("window.isTheSame = true")
    light = page.evaluate(GROUND)

    dark_button = page.get_by_role("main").get_by_role("button", name="Dark")
    dark_button.click()

    expect(dark_button).to_have_attribute("aria-pressed", "true")
    dark = page.evaluate(GROUND)
    assert dark != light
    assert page.evaluate("window.isTheSame")
    # The next page has it before its first line is drawn, whether scripts run or not.
    page.route("**/*.js", lambda route: route.abort())
    response = page.goto("/")
    assert '<html lang="en" data-theme="dark">' in response.text()
    assert page.evaluate(GROUND) == dark


def test_the_system_s_theme_is_followed_again(tab):
    page = tab("bob", "/settings", color_scheme="dark")
    dark = page.evaluate(GROUND)
    buttons = page.get_by_role("main")
    buttons.get_by_role("button", name="Light").click()
    assert page.evaluate(GROUND) != dark

    buttons.get_by_role("button", name="System").click()

    assert page.evaluate(GROUND) == dark
    page.reload()
    assert page.evaluate(GROUND) == dark
    assert [cookie for cookie in page.context.cookies() if cookie["name"] == "theme"] == []


# --- messages -----------------------------------------------------------------------------------

SAY = """said => import(document.querySelector("script[src*=toasts]").src)
  .then(module => module.say(...said))"""


def test_a_message_goes_by_itself_once_it_has_been_read(tab):
    page = tab("bob", "/notifications")
    page.clock.install()
    page.evaluate(SAY, ["Saved."])
    message = page.get_by_role("status").filter(has_text="Saved.")
    expect(message).to_be_visible()

    page.clock.fast_forward(6_000)
    expect(message).to_be_visible()
    page.clock.fast_forward(2_000)

    expect(message).to_have_count(0)


def test_a_warning_stays_until_it_is_closed(tab, held):
    page = tab("bob", "/")
    page.clock.install()
    page.evaluate(SAY, ["Too late.", "warning"])
    message = page.get_by_role("alert").filter(has_text="Too late.")
    page.clock.fast_forward(60_000)
    expect(message).to_be_visible()

    message.get_by_role("button", name="Close this message").click()

    expect(message).to_have_count(0)


# --- forms --------------------------------------------------------------------------------------


def test_a_form_is_sent_once_however_often_it_is_clicked(tab, bob):
    page = tab("bob", "/requests/new?role=dba")
    page.get_by_label("Reason").fill("twice")

    stopped = page.get_by_role("button", name="Request access").evaluate(
        """button => {
          const stopped = [];
          addEventListener("submit", (event) => stopped.push(event.defaultPrevented));
          button.click();
          button.click();
          button.form.requestSubmit(button);
          return stopped;
        }"""
    )

    assert stopped == [False, True, True]
    page.wait_for_url("**/requests/*-*")
    assert AccessRequest.objects.count() == 1


def test_ctrl_enter_sends_the_primary_button(tab, bob):
    page = tab("bob", "/requests/new?role=dba")
    page.get_by_label("Reason").fill("by the keyboard")

    page.get_by_label("Reason").press("Control+Enter")

    page.wait_for_url("**/requests/*-*")
    assert AccessRequest.objects.get().reason == "by the keyboard"


# --- times --------------------------------------------------------------------------------------


def test_times_are_in_the_zone_of_the_reader(tab, held):
    page = tab("bob", "/", timezone_id="Asia/Kolkata")

    ends = page.locator("#holding time").first

    expect(ends).to_have_attribute("title", "Tue 3 Mar 2026, 01:30 GMT+5:30")
    page.goto("/settings")
    expect(page.locator("[data-zone]")).to_have_text("Asia/Calcutta")


def test_what_is_left_runs_down_and_says_when_it_is_over(tab):
    page = tab("bob", "/")
    page.clock.install(time=NOON)
    page.goto("/")
    page.locator("main").evaluate(
        """main => {
          main.innerHTML = '<time datetime="2026-03-02T13:00:02Z" data-countdown></time>';
          window.over = 0;
          main.addEventListener("times:over", () => window.over += 1);
        }"""
    )
    left = page.locator("main time")

    page.clock.run_for(2_000)
    expect(left).to_have_text("1:00:00")
    page.clock.run_for(1_000)
    expect(left).to_have_text("59:59")
    assert page.evaluate("over") == 0
    page.clock.fast_forward("59:58")
    page.clock.run_for(5_000)

    expect(left).to_have_text("00:00")
    assert page.evaluate("over") == 1


def test_how_long_ago_it_was_stays_true(tab, bob):
    deeds.ask(bob, "dba")
    page = tab("bob", "/")
    page.clock.install(time=NOON)
    page.goto("/")
    asked = page.locator("#asking time").first
    expect(asked).to_contain_text("just now")

    page.clock.fast_forward("05:00")
    page.clock.run_for(10_000)

    expect(asked).to_contain_text("5 minutes ago")
