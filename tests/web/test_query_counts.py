"""A page asks the database equally often, however much there is to show."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests import cast, deeds


def statements(browser, path: str) -> int:
    with CaptureQueriesContext(connection) as found:
        assert browser.read(path).status == 200
    return len(found)


def more_roles(first: int, last: int) -> None:
    cast.apply(*(cast.role(f"staging-{n}") for n in range(first, last)))


@pytest.mark.parametrize("path", ["/", "/reviews", "/requests/new", "/explain?role=*"])
def test_lists(browser, bob, alice, clock, path):
    viewer = browser(alice if path == "/reviews" else bob)
    more_roles(0, 1)
    grow(bob, alice, range(1))
    viewer.read(path)
    few = statements(viewer, path)

    more_roles(1, 9)
    grow(bob, alice, range(1, 9))

    viewer.read(path)
    assert statements(viewer, path) == few


def grow(bob, alice, numbers) -> None:
    for n in numbers:
        deeds.approve(deeds.ask(bob, f"staging-{n}"), alice)
        deeds.comment(deeds.ask(bob, "dba", f"staging-{n}"), bob)


def test_one_request(browser, bob, alice, ivan, clock):
    more_roles(0, 9)
    small = deeds.ask(bob, "staging-0")
    deeds.approve(small, alice)
    large = deeds.ask(bob, *(f"staging-{n}" for n in range(9)))
    for _ in range(5):
        deeds.comment(large, bob)
    deeds.approve(large, alice)
    bobs = browser(bob)
    bobs.read(f"/requests/{large.pk}")

    few = statements(bobs, f"/requests/{small.pk}")

    assert statements(bobs, f"/requests/{large.pk}") == few
