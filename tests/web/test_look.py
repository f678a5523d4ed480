"""The theme, the navigation, and the small things that every page has."""

import pytest
from django.test import Client

from accessplane import navigation
from accessplane.templatetags.shell import initials
from tests import deeds


def test_the_system_chooses_the_theme_until_somebody_does(browser, bob):
    bobs = browser(bob)
    assert "data-theme=" not in bobs.read("/").source

    bobs.send("/theme", theme="dark")
    assert '<html lang="en" data-theme="dark">' in bobs.read("/").source

    bobs.send("/theme", theme="system")
    assert "data-theme=" not in bobs.read("/").source


def test_a_theme_nobody_knows_is_none(browser, bob):
    bobs = browser(bob)
    bobs.client.cookies["theme"] = '"><script>'

    assert "data-theme=" not in bobs.read("/").source


@pytest.mark.parametrize(
    ("referer", "goal"),
    [
        ("http://testserver/reviews?page=2", "http://testserver/reviews?page=2"),
        ("https://elsewhere.example/reviews", "/"),
        ("javascript:alert(1)", "/"),
        ("", "/"),
    ],
)
def test_choosing_a_theme_leads_back_and_nowhere_else(browser, bob, referer, goal):
    response = browser(bob).client.post(
        "/theme", {"theme": "dark"}, headers={"referer": referer}
    )

    assert response.headers["Location"] == goal


def test_a_place_is_shown_to_whoever_may_go_there(browser, bob, auditor, clock):
    assert 'href="/workflows"' not in browser(bob).read("/").source
    assert 'href="/workflows"' in browser(auditor).read("/").source


def test_the_place_where_one_is_is_marked(browser, bob, clock):
    request = deeds.ask(bob, "dba")

    for path, place in (("/reviews", "/reviews"), (f"/requests/{request.pk}", "/")):
        source = browser(bob).read(path).source
        assert f'<a class="place" href="{place}" aria-current="page"' in source


def test_every_key_leads_to_one_place():
    places = (
        *navigation.PLACES,
        *navigation.LAST_PLACES,
        *navigation.OWN_PLACES,
        navigation.SETTINGS,
    )
    keys = [place.keys for place in places if place.keys]

    assert sorted(keys) == sorted(set(keys))
    assert all(place.address for place in places)


@pytest.mark.parametrize(
    ("name", "found"),
    [("Alice Moore", "AM"), ("alice.van.moore@example.com", "AM"), ("bob", "B"), ("", "?")],
)
def test_initials(name, found):
    assert initials(name) == found


def test_a_part_of_a_page_asked_for_after_the_session_ended_reloads_the_page(db):
    response = Client().get("/", headers={"HX-Request": "true"})

    assert (response.status_code, response.headers["HX-Refresh"]) == (204, "true")
