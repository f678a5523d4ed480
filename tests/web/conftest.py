"""Browsers without a screen: Django's test client, signed in."""

from collections.abc import Callable

import pytest
from django.test import Client

from identity.models import User
from tests.web.reading import Browser


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
