"""Every page in a real browser, light and dark, at a desk and on a phone: axe finds nothing, and the
browser complains of nothing, the content policy least of all."""

import pytest

from tests import browsing
from tests.web import page_list, stages

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(browsing.IS_MISSING, reason=browsing.WHY),
]
COLOURS = {"runOnly": ["color-contrast"]}
# At a desk in English, on a phone in German, whose words are longer. What a theme alone changes are
# colours, and each page is loaded once for both.
LOOKS = {
    ("en", "wide"): [("light", browsing.GOOD), ("dark", COLOURS)],
    ("de", "phone"): [("dark", browsing.GOOD), ("light", COLOURS)],
}


@pytest.mark.parametrize("stage", ["some", "none", "long"])
def test_every_page(chromium, live_server, clock, transactional_db, stage):
    ids = stages.furnish(stage, clock.now())
    contexts = {}

    found = {}
    for page in page_list.on_stage(stage):
        if page.viewer not in contexts:
            contexts[page.viewer] = entered(chromium, page.viewer, live_server.url)
        wrong = look(contexts[page.viewer], page.path.format(**ids))
        if wrong:
            found[page.name] = wrong

    assert found == {}


def entered(chromium, viewer, url):
    """The browser of this person; a colour that still changes is none to be judged."""
    context = chromium.new_context(base_url=url, reduced_motion="reduce")
    if viewer:
        browsing.sign_in(context, f"{viewer}@example.com", url)
    return context


def look(context, path) -> list[str]:
    """What is wrong with this page."""
    tab = context.new_page()
    wrong = browsing.complaints_of(tab)
    for (language, size), themes in LOOKS.items():
        width, height = page_list.SIZES[size]
        tab.set_viewport_size({"width": width, "height": height})
        tab.set_extra_http_headers({"Accept-Language": language})
        tab.goto(path)
        for theme, rules in themes:
            tab.emulate_media(color_scheme=theme)
            seen = browsing.violations(tab, rules)
            overflow = tab.evaluate("document.documentElement.scrollWidth - innerWidth")
            seen += [f"{overflow} px too wide"] if overflow > 0 else []
            wrong += [f"{language}, {size}, {theme}: {one}" for one in seen]
    tab.close()
    return wrong
