"""Every page in a real browser, light and dark: axe finds nothing, and the browser complains of
nothing, the content policy least of all."""

import pytest

from tests import browsing
from tests.web import page_list, stages

pytestmark = [
    pytest.mark.embedded,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(browsing.IS_MISSING, reason=browsing.WHY),
]
# WCAG 2.2 AA, and what axe holds for good practice.
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}


@pytest.fixture
def chromium(monkeypatch):
    with browsing.chromium(monkeypatch.setitem) as browser:
        yield browser


@pytest.mark.parametrize(
    ("stage", "theme", "size", "language"),
    [
        ("some", "light", "wide", "en"),
        ("some", "dark", "wide", "de"),
        ("some", "light", "phone", "de"),
        ("some", "dark", "phone", "en"),
        ("none", "light", "wide", "en"),
        ("none", "dark", "phone", "de"),
        ("long", "dark", "wide", "de"),
        ("long", "light", "phone", "en"),
    ],
)
def test_every_page(
    chromium, live_server, clock, transactional_db, stage, theme, size, language
):
    ids = stages.furnish(stage, clock.now())

    found = {}
    for page in page_list.on_stage(stage):
        seen = look(
            chromium, live_server.url, page, ids, theme=theme, size=size, language=language
        )
        if seen:
            found[page.name] = seen

    assert found == {}


def look(chromium, url, page, ids, *, theme, size, language) -> list[str]:
    """What is wrong with this page."""
    from axe_playwright_python.sync_playwright import Axe

    width, height = page_list.SIZES[size]
    context = chromium.new_context(
        base_url=url,
        color_scheme=theme,
        viewport={"width": width, "height": height},
        locale=language,
    )
    if page.viewer:
        browsing.sign_in(context, f"{page.viewer}@example.com", url)
    tab = context.new_page()
    complaints = browsing.complaints_of(tab)
    tab.goto(page.path.format(**ids))
    results = Axe().run(tab, options=RULES)
    overflow = tab.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    context.close()
    wrong = [
        f"{one['id']}: {node['html'][:160]}"
        for one in results.response["violations"]
        for node in one["nodes"]
    ]
    return [*complaints, *wrong, *([f"{overflow} px too wide"] if overflow > 0 else [])]
