"""Whoever only opens the address of a button, back from signing in perhaps, sees its page."""

from uuid import UUID

import pytest
from django.test import Client
from django.urls import get_resolver, reverse

from accessplane.lib.pages import Button

pytestmark = pytest.mark.django_db

SOME = UUID(int=7)


def buttons(found=None):
    """The names of the addresses of buttons."""
    for pattern in (found or get_resolver()).url_patterns:
        if hasattr(pattern, "url_patterns"):
            yield from buttons(pattern)
        elif issubclass(getattr(pattern.callback, "view_class", object), Button):
            yield pattern.name, pattern.callback.view_class, pattern.pattern.converters


def test_an_address_that_is_only_opened_leads_to_the_page_of_its_button(bob):
    client = Client()
    client.force_login(bob)
    found = list(buttons())
    assert len(found) > 10

    for name, view, converters in found:
        given = {part: 7 if part == "session_id" else SOME for part in converters}
        answer = client.get(reverse(name, kwargs=given))

        page = reverse(view.page, args=[given[part] for part in view.parts])
        assert (answer.status_code, answer.url) == (302, page)
