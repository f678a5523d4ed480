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
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
SIZES = {"desk": (1440, 900), "phone": (400, 800)}


@pytest.fixture
def chromium(monkeypatch):
    with browsing.chromium(monkeypatch.setitem) as browser:
        yield browser


def opened(chromium, url, theme="light", size="desk"):
    width, height = SIZES[size]
    context = chromium.new_context(
        base_url=url, color_scheme=theme, viewport={"width": width, "height": height}
    )
    browsing.sign_in(context, "dana@example.com", url)
    return context.new_page()


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_page(stage, chromium, live_server, theme, size):
    from axe_playwright_python.sync_playwright import Axe

    tab = opened(chromium, live_server.url, theme, size)
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

    found = {}
    for path in paths:
        tab.goto(path)
        tab.wait_for_timeout(50)
        wrong = [
            f"{one['id']}: {node['html'][:160]}"
            for one in Axe().run(tab, options=RULES).response["violations"]
            for node in one["nodes"][:2]
        ]
        if tab.evaluate("document.documentElement.scrollWidth > innerWidth"):
            wrong.append("wider than the window")
        if wrong:
            found[path] = wrong

    assert found == {}
    assert complaints == []
    own = re.compile(re.escape(live_server.url) + "/|data:")
    assert [url for url in asked if not own.match(url)] == []


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
