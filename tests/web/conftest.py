"""Browsers without a screen: Django's test client, signed in."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client

from identity.models import User
from tests import browsing
from tests.web.reading import Browser

if TYPE_CHECKING:
    from playwright.sync_api import Page


@pytest.fixture
def browser() -> Callable[[User], Browser]:
    """`browser(bob).read("/")`; signed in already."""

    def signed_in(user: User) -> Browser:
        browser = Browser(Client())
        browser.client.force_login(user)
        return browser

    return signed_in


@pytest.fixture
def nobody(db: None) -> Browser:
    """Somebody who has not signed in."""
    return Browser(Client())


@pytest.fixture
def tab(
    live_server, transactional_db, everybody, clock, chromium
) -> "Iterator[Callable[..., Page]]":
    """`tab("bob", "/reviews")`: that page in a real browser of bob's own; more goes to its context."""

    def opened(who: str, path: str, **more: Any) -> "Page":
        context = chromium.new_context(base_url=live_server.url, **more)
        browsing.sign_in(context, f"{who}@example.com", live_server.url)
        page = context.new_page()
        page.goto(path)
        return page

    return opened
