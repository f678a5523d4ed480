"""A page asks the database equally often, however much there is to show."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests import cast, deeds


def statements(browser, path: str) -> int:
    with CaptureQueriesContext(connection) as found:
        assert browser.read(path).status == 200
    return len(found)


def test_reviews(browser, bob, alice, clock):
    more_roles(0, 9)
    first, other = deeds.ask(bob, "staging-0"), deeds.ask(bob, "staging-8")
    deeds.approve(other, alice)
    paths = [
        f"/reviews?open={first.pk}",
        "/reviews?scope=all&requester=bob@example.com",
        "/reviews/decided",
        f"/reviews/several?id={first.pk}",
    ]
    alices = browser(alice)
    for path in paths:
        alices.read(path)
    few = [statements(alices, path) for path in paths]

    grow(bob, alice, range(1, 8))

    assert [statements(alices, path) for path in paths] == few
    assert statements(alices, f"{paths[-1]}&id={other.pk}") == few[-1]


def more_roles(first: int, last: int) -> None:
    cast.apply(*(cast.role(f"staging-{n}") for n in range(first, last)))


@pytest.mark.parametrize(
    ("who", "path"),
    [
        ("bob", "/"),
        ("alice", "/"),
        ("alice", "/reviews"),
        ("bob", "/requests/new"),
        ("bob", "/requests/new?q=staging&all=1"),
        ("bob", "/requests/new?role=staging-0&reason=r"),
        ("bob", "/explain?role=*"),
        ("bob", "/audit"),
        ("bob", "/roles"),
        ("alice", "/grants"),
        ("bob", "/settings"),
        ("alice", "/people/bob@example.com"),
        ("auditor", "/people/bob@example.com"),
    ],
)
def test_lists(browser, bob, alice, clock, who, path):
    viewer = browser(cast.called(who))
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


def test_one_s_own_tokens(browser, bob, clock):
    bobs = browser(bob)
    bobs.send("/settings/tokens", name="first", ttl="7")
    few = statements(bobs, "/settings/tokens")

    for n in range(9):
        bobs.send("/settings/tokens", name=f"script {n}", ttl="7")

    assert statements(bobs, "/settings/tokens") == few


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


def test_one_role(browser, bob, alice, clock):
    more_roles(0, 2)
    bobs = browser(bob)
    grow(bob, alice, range(1))
    bobs.read("/roles/staging-0")
    few = statements(bobs, "/roles/staging-0")

    more_roles(2, 9)
    for n in range(1, 9):
        deeds.approve(deeds.ask(bob, "staging-0", f"staging-{n}"), alice)
        cast.apply(cast.role("staging-0", allow={"logins": [f"root-{n}"]}))

    bobs.read("/roles/staging-0")
    assert statements(bobs, "/roles/staging-0") == few
