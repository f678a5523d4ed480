"""Chromium, for the tests that need a real browser."""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.test import Client

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
# In CI a browser that is missing is a failure, not a test that is left out.
IS_MISSING = CHROMIUM is None and "CI" not in os.environ
WHY = "needs Chromium: apt-get install chromium"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]


@contextmanager
def chromium(environment: Callable[[Any, str, str], None]) -> "Iterator[Browser]":
    """A browser; `environment` sets a variable for as long as the test lasts."""
    from playwright.sync_api import sync_playwright

    # Playwright has an event loop in this thread; the database is used outside of it.
    environment(os.environ, "DJANGO_ALLOW_ASYNC_UNSAFE", "true")
    with sync_playwright() as playwright:
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
