"""The admin in a real browser, light and dark, at the size of a desk and of a phone: nothing is
loaded from elsewhere, the content policy refuses nothing, and axe finds nothing."""

import re

import pytest
from playwright.sync_api import expect

from requests_app.models import AccessRequest
from tests import browsing
from tests.admin.conftest import MODELS

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(browsing.IS_MISSING, reason=browsing.WHY),
]
LOOKS = (("light", (1440, 900)), ("dark", (400, 800)))


def opened(chromium, url):
    context = chromium.new_context(base_url=url)
    browsing.sign_in(context, "dana@example.com", url)
    return context.new_page()


def test_every_page(stage, chromium, live_server):
    tab = opened(chromium, live_server.url)
    complaints = browsing.complaints_of(tab)
    asked = []
    tab.on("request", lambda request: asked.append(request.url))
    paths = ["/admin/"]
    for model in MODELS:
        paths += [f"/admin/{model}/", f"/admin/{model}/{stage.one(model).pk}/change/"]
    paths += [
        f"/admin/requests_app/accessrequest/{stage.pending.pk}/do/force/",
        "/admin/identity/role/do/new/",
    ]

    found = {path: wrong for path in paths if (wrong := look(tab, path))}

    assert found == {}
    assert complaints == []
    own = re.compile(re.escape(live_server.url) + "/|data:")
    assert [url for url in asked if not own.match(url)] == []


def look(tab, path) -> list[str]:
    """What is wrong with this page, light at a desk and dark on a phone."""
    wrong = []
    for theme, (width, height) in LOOKS:
        tab.emulate_media(color_scheme=theme)
        tab.set_viewport_size({"width": width, "height": height})
        tab.goto(path)
        wrong += browsing.violations(tab, browsing.WCAG)
        if tab.evaluate("document.documentElement.scrollWidth > innerWidth"):
            wrong.append("wider than the window")
    return wrong


def test_a_decision_is_forced_with_a_reason(stage, chromium, live_server):
    tab = opened(chromium, live_server.url)

    tab.goto("/admin/")
    tab.get_by_role("link", name="Requests", exact=True).first.click()
    tab.get_by_role("link", name="dba").first.click()
    tab.get_by_role("link", name="Force a decision").click()
    tab.get_by_label("Force approval").check()
    tab.get_by_role("button", name="Force a decision").click()
    expect(tab.get_by_text("A reason is required", exact=False)).to_be_visible()
    assert AccessRequest.objects.get(pk=stage.pending.pk).state == "PENDING"
    tab.get_by_label("Reason").fill("the pager rings")
    tab.get_by_role("button", name="Force a decision").click()

    expect(tab.get_by_text("You approved this request without its reviewers.")).to_be_visible()
    assert AccessRequest.objects.get(pk=stage.pending.pk).forced
