"""The catalogue of what somebody may ask for, and what is said before anything is sent."""

from datetime import timedelta

import pytest

from requests_app import reviewers
from requests_app.models import AccessRequest
from requests_app.services import offering
from tests import cast, deeds
from tests.cast import NOON, called

NEW = "/requests/new"


def offered(seen) -> list[str]:
    """The names of the roles that stand there, in their order."""
    ticks = seen.source.split('type="checkbox" name="roles" value="')[1:]
    return [tick.partition('"')[0] for tick in ticks]


def look(browser, path: str):
    """What the browser's script gets when somebody looks for something."""
    response = browser.client.get(
        path, headers={"HX-Request": "true", "HX-Target": "catalogue"}
    )
    assert response.status_code == 200
    return response.content.decode()


def preview(browser, **fields) -> str:
    """What the browser's script gets while somebody fills in the form."""
    headers = {"HX-Request": "true", "HX-Target": "foreseen"}
    response = browser.client.post(NEW, {"preview": "1", **fields}, headers=headers)
    assert response.status_code == 200
    return response.content.decode()


@pytest.fixture
def labelled(everybody):
    """Two staging roles with titles, descriptions and labels."""
    roles = [
        ("staging-db", "Orders", "Read every order", {"area": "data"}),
        ("staging-web", "Front ends", "A shell on the web servers", {"area": "web"}),
    ]
    cast.apply(
        *(
            cast.role(name)
            | {
                "metadata": {
                    "name": name,
                    "description": text,
                    "labels": {"title": title, **more},
                }
            }
            for name, title, text, more in roles
        )
    )


def test_a_role_shows_its_title_what_it_opens_who_decides_and_its_terms(browser, bob, labelled):
    seen = browser(bob).read(NEW)

    assert (
        "Orders staging-db Read every order area: data One of Alice and Ivan must agree."
        in seen.text
    )
    assert "dba Alice and Ivan must agree. Up to 8 hours." in seen.text
    assert offered(seen) == ["dba", "staging-web", "staging-db"]  # by title


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("q=ORDER", ["staging-db"]),
        ("q=shell+web", ["staging-web"]),
        ("q=area%3A+data", ["staging-db"]),
        ("label=area%3A+web", ["staging-web"]),
        ("q=staging&role=dba", ["dba", "staging-web", "staging-db"]),
        ("q=nothing", []),
        ("q=contractor", []),
    ],
)
def test_looking_for_a_role(browser, bob, labelled, query, names):
    bobs = browser(bob)

    assert offered(bobs.read(f"{NEW}?{query}")) == names
    part = look(bobs, f"{NEW}?{query}")
    assert part.count('name="roles"') == len(names)
    assert "<html" not in part


def test_without_a_script_looking_keeps_what_was_said(browser, bob, labelled):
    seen = browser(bob).send(
        NEW, find="1", q="orders", roles=["dba"], reason="because", duration="3h"
    )

    assert seen.status == 200
    assert offered(seen) == ["dba", "staging-db"]
    assert "because" in seen.source
    assert 'value="3h"' in seen.source
    assert not AccessRequest.objects.exists()


def test_a_long_catalogue_is_cut_and_can_be_shown_whole(browser, bob):
    cast.apply(*(cast.role(f"staging-{n:03}") for n in range(60)))
    bobs = browser(bob)

    cut = bobs.read(NEW)

    assert len(offered(cut)) == offering.SHOWN
    assert "40 of 63 are shown" in cut.text
    assert len(offered(bobs.send(NEW, all="1"))) == 63


def test_what_is_held_and_what_is_pending_is_said(browser, bob, clock):
    pending = deeds.ask(bob, "dba", "staging-db")
    cast.apply(cast.person("bob", roles=["developer", "engineering", "staging-web"]))

    seen = browser(bob).read(NEW)

    assert seen.text.count("You asked for it, and it is not decided.") == 2
    assert f'href="/requests/{pending.pk}">See that request' in seen.source
    assert seen.text.count("You hold it now, always.") == 1


def test_who_decides_is_who_may_review(browser, everybody, bob):
    """The catalogue judges many requests at once; it comes to what one alone comes to."""
    cast.apply(
        cast.role(
            "careful",
            allow={
                "review_requests": {"roles": ["staging-*"], "where": 'request.reason != ""'}
            },
            deny={"review_requests": {"roles": ["staging-web"]}},
        ),
        cast.person("carol", roles=["careful"]),
        cast.person("mallory", roles=["careful"], owner="bob@example.com", bot=True),
    )
    asked = [deeds.ask(bob, name, reason="r") for name in ("dba", "staging-db", "staging-web")]

    alone = [reviewers.reviewer_names(request) for request in asked]
    together = reviewers.reviewers_of_each(
        [(r.facts(), (r.requester, r.author)) for r in asked]
    )

    assert together == alone
    assert together[1] == ["alice@example.com", "carol@example.com", "ivan@example.com"]


def test_the_same_roles_are_not_the_same_rights_where_traits_count(everybody, bob):
    cast.apply(
        cast.role(
            "team",
            allow={
                "review_requests": {
                    "claims_to_roles": [
                        {"claim": "team", "value": "orders", "roles": ["staging-db"]}
                    ]
                }
            },
        ),
        cast.role(
            "friend",
            allow={
                "review_requests": {
                    "roles": ["staging-db"],
                    "where": 'contains(reviewer.traits["team"], "orders")',
                }
            },
        ),
        cast.person("alice", roles=["team"], traits={"team": ["web"]}),
        cast.person("ivan", roles=["team"], traits={"team": ["orders"]}),
        cast.person("carol", roles=["friend"], traits={"team": ["web"]}),
        cast.person("zoe", roles=["friend"], traits={"team": ["orders"]}),
    )
    request = deeds.ask(bob, "staging-db")

    ((*people,),) = reviewers.reviewers_of_each([(request.facts(), [bob])])

    assert people == ["ivan@example.com", "zoe@example.com"]


# --- what is said before anything is sent -------------------------------------------------------


def test_a_preview_for_the_script_is_the_changing_parts_alone(browser, bob, clock):
    part = preview(browser(bob), roles=["dba"], duration="2h", reason="r")

    assert "<html" not in part
    assert "Alice and Ivan must agree." in part
    assert "2026-03-02T14:00:00" in part
    assert 'value="alice@example.com"' in part
    assert 'data-limit="28800"' in part
    assert not AccessRequest.objects.exists()


def test_a_reason_that_is_still_to_be_written_is_no_mistake(browser, bob, everybody):
    cast.apply(
        cast.role("vault"),
        cast.role(
            "careful",
            allow={
                "request": {
                    "roles": ["vault"],
                    "reason": {
                        "mode": "required",
                        "prompt": "Which ticket?",
                        "pattern": "#[0-9]+",
                    },
                }
            },
        ),
        cast.person("bob", roles=["careful"]),
    )
    bobs = browser(bob)

    empty = preview(bobs, roles=["vault"])
    wrong = preview(bobs, roles=["vault"], reason="soon")
    right = preview(bobs, roles=["vault"], reason="#1")

    assert "Which ticket?" in empty
    assert "errors" not in empty
    assert "id_reason_error" in wrong
    assert "errors" not in right


def test_a_check_that_would_deny_is_said_before_sending(browser, bob, clock):
    cast.apply(
        {
            "kind": "workflow",
            "version": "v1",
            "metadata": {"name": "ticket"},
            "spec": {
                "engine": "expression",
                "roles": ["dba"],
                "expression": 'regexp.match(request.reason, "ticket*")',
            },
        }
    )
    bobs = browser(bob)

    assert "It would be denied at once." in preview(bobs, roles=["dba"], reason="curiosity")
    assert "It would be denied at once." not in preview(bobs, roles=["dba"], reason="ticket 1")


def test_a_deep_link_fills_in_the_form(browser, bob, clock):
    seen = browser(bob).read(f"{NEW}?role=staging-db&role=dba&reason=the+pager&duration=2h")

    assert offered(seen)[:2] == ["dba", "staging-db"]
    assert seen.source.count(" checked") == 3
    assert ">\nthe pager</textarea>" in seen.source
    assert "For dba: Alice and Ivan must agree." in seen.text
    assert "Ends at Mon 2 Mar 2026, 14:00 UTC" in seen.text


def test_a_link_to_what_may_not_be_asked_for_says_so(browser, bob):
    seen = browser(bob).read(f"{NEW}?role=admin")

    assert "The role admin may not be requested" in seen.text
    assert "admin" not in offered(seen)


def test_reviewers_are_picked_from_those_who_may(browser, bob, clock):
    bobs = browser(bob)
    part = preview(bobs, roles=["staging-db"], reason="r")
    assert part.count('name="suggested_reviewers"') == 2

    bobs.send(NEW, roles=["staging-db"], suggested_reviewers=["ivan@example.com"])

    assert AccessRequest.objects.get().suggested_reviewers == ["ivan@example.com"]


def test_of_many_people_some_stand_there_and_the_others_are_found(browser, bob, clock):
    cast.apply(*(cast.person(f"person-{n:02}", roles=["engineering"]) for n in range(30)))
    bobs = browser(bob)

    few = preview(bobs, roles=["staging-db"])
    found = preview(bobs, roles=["staging-db"], who="PERSON-2")

    assert few.count('name="suggested_reviewers"') == 12
    assert "data-many" in few
    assert found.count('name="suggested_reviewers"') == 10


def test_how_long_it_usually_takes_is_said_from_three_decisions_on(browser, bob, clock):
    cast.apply(cast.person("zoe", roles=["engineering"]))
    zoe, bobs = called("zoe"), browser(bob)

    def decided(minutes: float) -> None:
        asked = NOON - timedelta(days=1)
        request = deeds.ask(zoe, "staging-db", at=asked)
        deeds.deny(request, called("alice"), at=asked + timedelta(minutes=minutes))

    decided(2)
    decided(11.5)
    assert "Usually" not in bobs.read(f"{NEW}?role=staging-db").text
    decided(90)

    assert "Usually decided within 12 minutes." in bobs.read(f"{NEW}?role=staging-db").text
    clock.move(days=100)
    later = browser(bob).read(f"{NEW}?role=staging-db")
    assert "must agree" in later.text
    assert "Usually" not in later.text
