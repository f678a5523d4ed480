"""On paper a page is what it says, without what one could press or where one could go."""

import pytest
from playwright.sync_api import expect

from audit import services
from tests import browsing, deeds

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(browsing.IS_MISSING, reason=browsing.WHY),
]
SHELL = ".side, .top, .bar, .crumbs, .page-actions, .filters, .avatar"


def test_paper_has_no_shell_no_buttons_and_no_time_that_goes_by(tab, bob, clock):
    request = deeds.ask(bob, "dba")
    services.drain(at=clock.now())
    page = tab("bob", f"/requests/{request.pk}", color_scheme="dark", timezone_id="UTC")
    page.emulate_media(media="print")

    for path in (f"/requests/{request.pk}", "/audit"):
        page.goto(path)
        for element in page.locator(f"{SHELL}, button, .button").all():
            expect(element).to_be_hidden()
    assert page.locator("thead th").first.is_visible()
    expect(page.locator(".said .printed").first).to_be_visible()

    page.goto(f"/requests/{request.pk}")
    expect(page.get_by_text(f"/requests/{request.pk}")).to_be_visible()
    expect(page.locator(".facts").first).to_be_visible()
    asked = page.locator("#what-happened time").first
    written = asked.evaluate("e => getComputedStyle(e, '::after').content")
    assert written == '"Mon 2 Mar 2026, 12:00 UTC"'
    assert page.evaluate("getComputedStyle(document.body).colorScheme") == "light"
