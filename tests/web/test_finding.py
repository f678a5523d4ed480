"""What the palette finds, and for whom: what REST would show, and nothing else."""

import json

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests import cast, deeds


@pytest.fixture
def find(browser):
    """`find(bob, "dba")`: what is found, as group: names."""

    def found(user, query) -> dict[str, list[str]]:
        by_group: dict[str, list[str]] = {}
        for result in results(browser, user, query):
            by_group.setdefault(result["group"], []).append(result["name"])
        return by_group

    return found


def results(browser, user, query) -> list[dict]:
    response = browser(user).client.get("/find", {"q": query})
    assert response.status_code == 200
    return json.loads(response.content)["results"]


def titled(name, title, description=""):
    document = cast.role(name)
    document["metadata"] |= {"labels": {"title": title}, "description": description}
    return document


def test_a_role_that_may_be_requested_leads_to_asking_for_it(browser, bob, clock):
    cast.apply(titled("staging-x", "Staging of x", "Read and write there"))

    for query in ("staging-x", "STAGING of", "write staging"):
        assert {
            "group": "Request access",
            "name": "Staging of x",
            "hint": "staging-x",
            "icon": "role",
            "url": "/requests/new?role=staging-x",
        } in results(browser, bob, query)


def test_a_role_that_is_seen_and_not_for_one_s_asking_leads_to_its_page(
    browser, auditor, clock
):
    (found,) = [one for one in results(browser, auditor, "dba-rev") if one["icon"] == "role"]

    assert (found["group"], found["url"]) == ("Roles", "/roles/dba-reviewer")


def test_a_role_that_one_does_not_see_is_not_found(find, bob, mallory, clock):
    assert "Roles" not in find(bob, "contractor")
    assert find(mallory, "dba") == {}


@pytest.mark.parametrize("query", ["bob@", "Bob", "dba", "moon", "bob moon", "Administrator"])
def test_a_request_is_found_by_who_what_and_why(find, bob, alice, clock, query):
    cast.apply(titled("dba", "Database administrator"))
    deeds.ask(bob, "dba", reason="ticket #12: the moon is down")

    assert find(alice, query)["Requests"] == ["Bob: Database administrator"]


def test_a_request_is_found_by_its_id(browser, bob, alice, clock):
    request = deeds.ask(bob, "dba")

    (found,) = results(browser, alice, str(request.pk))

    assert found["url"] == f"/requests/{request.pk}"
    assert (found["icon"], found["hint"]) == ("pending", "Pending, 2 Mar")


def test_a_request_is_as_it_is_at_this_moment(browser, bob, clock):
    request = deeds.ask(bob, "dba")
    clock.move(days=30)

    (found,) = results(browser, bob, str(request.pk))

    assert found["icon"] == "expired"


def test_all_words_must_be_there(find, bob, clock):
    deeds.ask(bob, "dba", reason="ticket #12")

    assert "Requests" not in find(bob, "dba ticket #13")


def test_a_request_that_one_does_not_see_is_not_found(find, bob, carol, mallory, clock):
    request = deeds.ask(bob, "dba", reason="ticket #12: secret")

    for viewer in (carol, mallory):
        for query in ("bob", "dba", "secret", str(request.pk)):
            assert "Requests" not in find(viewer, query)


def test_who_reviews_under_a_condition_finds_what_it_allows(find, bob, alice, clock):
    where = 'request.reason == "yes"'
    cast.apply(
        cast.role("picky", allow={"review_requests": {"roles": ["dba"], "where": where}}),
        cast.person("alice", roles=["picky"]),
    )
    deeds.ask(bob, "dba", reason="yes")
    deeds.ask(bob, "staging-web", reason="yes")

    assert find(alice, "bob") == {"Requests": ["Bob: dba"]}


def test_people_are_found_by_those_who_see_them(browser, auditor, alice, clock):
    found = [one for one in results(browser, auditor, "carol") if one["group"] == "People"]

    assert [(one["name"], one["hint"]) for one in found] == [("Carol", "carol@example.com")]
    assert found[0]["url"] == "/people/carol@example.com"
    assert results(browser, alice, "carol") == []


def test_oneself_leads_to_the_settings(browser, alice, clock):
    (found,) = [one for one in results(browser, alice, "alice") if one["group"] == "People"]

    assert found["url"] == "/settings"


def test_deeds_and_own_pages_are_for_everybody(find, mallory, clock):
    assert find(mallory, "token") == {"Do": ["Make an API token"], "Settings": ["API tokens"]}


@pytest.mark.parametrize(
    "query", ["", " ", "b", "\0", "b\0", "%", "_", "%%", "__", "'\"", "é" * 300]
)
def test_what_is_no_search_finds_nothing(find, bob, alice, clock, query):
    deeds.ask(bob, "dba", reason="100 percent")

    assert find(alice, query) == {}


def test_at_most_six_of_a_kind_the_newest_first(find, bob, alice, clock):
    for number in range(8):
        cast.apply(cast.role(f"staging-{number}"))
        deeds.ask(bob, f"staging-{number}", at=clock.now())
        clock.move(minutes=1)

    found = find(alice, "staging")

    assert found["Requests"] == [f"Bob: staging-{number}" for number in (7, 6, 5, 4, 3, 2)]
    assert len(found["Request access"]) == 6


def test_a_search_asks_the_database_equally_often(browser, bob, alice, clock):
    viewer = browser(alice)

    def statements() -> int:
        viewer.client.get("/find", {"q": "bob"})
        with CaptureQueriesContext(connection) as found:
            viewer.client.get("/find", {"q": "bob"})
        return len(found)

    cast.apply(*(cast.role(f"staging-{number}") for number in range(9)))
    deeds.ask(bob, "staging-0")
    few = statements()
    for number in range(1, 9):
        deeds.ask(bob, f"staging-{number}")

    assert statements() == few <= 10
