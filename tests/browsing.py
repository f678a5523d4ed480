"""Chromium, for the tests that need a real browser."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

from django.conf import settings
from django.test import Client

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
# In CI a browser that is missing is a failure, not a test that is left out.
IS_MISSING = CHROMIUM is None and "CI" not in os.environ
WHY = "needs Chromium: apt-get install chromium"
# What axe says of the page as it is shown now: no more than that has to travel.
AXE = """async ([within, rules]) => {
  const { violations } = await axe.run(within, { ...rules, resultTypes: ["violations"] });
  return violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html.slice(0, 160)}`));
}"""
# WCAG 2.2 AA, and what axe holds for good practice.
WCAG = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
GOOD = {"runOnly": [*WCAG["runOnly"], "best-practice"]}
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]


@contextmanager
def chromium() -> "Iterator[Browser]":
    """A browser for as long as it is needed."""
    from playwright.sync_api import sync_playwright

    # Playwright has an event loop in this thread; the database is used outside of it.
    outside = patch.dict(os.environ, {"DJANGO_ALLOW_ASYNC_UNSAFE": "true"})
    with outside, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


def without_sockets(context: "BrowserContext") -> None:
    """The server of these tests has no WebSockets: its pages find one that stays silent."""
    context.route_web_socket("**/ws/live/**", lambda _socket: None)


def sign_in(context: "BrowserContext", email: str, url: str) -> None:
    """Give this browser the session of somebody, without the form."""
    from identity.models import User

    without_sockets(context)
    client = Client()
    client.force_login(User.objects.get(email=email))
    cookie = client.cookies[settings.SESSION_COOKIE_NAME]
    context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": url}])


def complaints_of(page: "Page") -> list[str]:
    """What the browser complains about from now on: scripts that fail, and all that the content
    policy or a missing file refuses."""
    found: list[str] = []

    def hear(message: Any) -> None:
        # That the page itself is a 404 is no fault of the page.
        if message.type in {"error", "warning"} and message.location["url"] != page.url:
            found.append(message.text)

    page.on("console", hear)
    page.on("pageerror", lambda problem: found.append(str(problem)))
    return found


def violations(page: "Page", rules: dict[str, list[str]], within: str = "html") -> list[str]:
    """What axe finds by these rules, in the part of the page that this selector names."""
    from axe_playwright_python.base import AXE_SCRIPT

    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    found: list[str] = page.evaluate(AXE, [within, rules])
    return found
