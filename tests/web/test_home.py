"""Home: what somebody holds, asked for, and is waited for; and what comes first on a new plane."""

import pytest

from identity.models import User
from requests_app.models import AccessRequest
from tests import cast, deeds
from tests.cast import NOON, called

GUIDANCE = "somebody decides, and the access ends by itself"
STEPS = "Three steps, and the first request can be made"
MAIL = cast.document(
    "channel", "mail", {"type": "email", "settings": {"sender": "access@example.com"}}
)


def part(seen, name: str) -> str:
    """The source of the part with this id, up to the next one that follows changes."""
    return (
        seen.source.partition(f'id="{name}"')[2]
        .partition("data-live=")[2]
        .partition("data-live=")[0]
    )


def test_what_is_held_can_be_given_back_and_extended(browser, bob, clock):
    grant = deeds.granted_dba(bob)

    seen = browser(bob).read("/")

    assert "8:00:00 left" in seen.text
    assert seen.has_button("Give back")
    assert f'href="/requests/new?extends={grant.pk}"' in seen.source
    assert "ends soon" not in seen.text


def test_what_ends_soon_stands_out(browser, bob, clock):
    deeds.granted_dba(bob)
    clock.move(hours=7, minutes=50)

    seen = browser(bob).read("/")

    assert "10:00 left" in seen.text
    assert "ends soon" in seen.text
    assert 'class="card soon"' in seen.source


def test_somebody_who_asked_for_more_time_is_led_there_and_not_asked_again(browser, bob, clock):
    extension = deeds.extend(deeds.granted_dba(bob), bob)

    seen = browser(bob).read("/")

    assert f'href="/requests/{extension.pk}">You asked for more time' in seen.source
    assert "?extends=" not in seen.source
    assert "more time" in part(seen, "asking")


def test_what_may_not_be_asked_for_any_more_is_not_offered_for_longer(browser, bob, clock):
    deeds.granted_dba(bob)
    cast.apply(cast.person("bob", roles=["engineering"]))

    seen = browser(bob).read("/")

    assert seen.has_button("Give back")
    assert "?extends=" not in seen.source


def test_what_is_pending_says_how_far_it_is_and_who_can_still_decide(browser, bob, clock):
    request = deeds.ask(bob, "dba")
    bobs = browser(bob)
    assert "Alice and Ivan can decide" in bobs.read("/").text

    deeds.approve(request, called("alice"))

    seen = bobs.read("/")
    assert "1 of 2" in seen.text
    assert "Ivan can decide" in seen.text
    assert "Alice" not in part(seen, "asking")


def test_the_owner_of_a_bot_is_not_among_those_who_decide_what_it_asks(
    browser, everybody, clock
):
    robot = called("robot")
    deeds.ask(robot, "dba")

    assert "Alice can decide" in browser(robot).read("/").text
    cast.apply(cast.person("robot", roles=["developer"], bot=True, owner="alice@example.com"))
    assert "Nobody can decide this now" in browser(robot).read("/").text


def test_a_request_is_cancelled_in_place(browser, bob, clock):
    request = deeds.ask(bob, "dba")

    seen = browser(bob).send(f"/requests/{request.pk}/cancel", back="home")

    request.refresh_from_db()
    assert seen.path == "/"
    assert "You cancelled this request." in seen.text
    assert request.state == "CANCELLED"
    assert "can decide" not in seen.text


def test_the_first_three_that_wait_stand_there_with_a_link_to_all(browser, bob, alice, clock):
    cast.apply(*(cast.role(f"staging-{n}") for n in range(4)))
    for n in range(4):
        deeds.ask(bob, f"staging-{n}", reason=f"reason {n}", at=deeds.later(minutes=n - 10))

    seen = browser(alice).read("/")

    assert "4 requests wait for your review" in seen.text
    assert [f"reason {n}" in seen.text for n in range(4)] == [True, True, True, False]
    assert "See all 4 in your inbox" in seen.text
    assert "reason 0" not in browser(called("mallory")).read("/").text


def test_somebody_new_is_told_what_this_is_and_what_to_do(browser, bob, clock):
    bobs = browser(bob)
    assert GUIDANCE in bobs.read("/").text
    assert "What you asked for" not in bobs.read("/").text

    deeds.cancel(deeds.ask(bob, "dba"), bob)

    assert GUIDANCE not in bobs.read("/").text


def test_the_first_steps_are_for_administrators_and_go_when_they_are_done(
    browser, dana, bob, auditor, clock
):
    danas = browser(dana)
    steps = danas.read("/")
    assert STEPS in steps.text
    assert steps.text.count("To do") == 2
    assert STEPS not in browser(auditor).read("/").text

    User.objects.filter(pk=auditor.pk).update(last_login=NOON)
    assert danas.read("/").text.count("To do") == 1

    cast.apply(MAIL)
    assert STEPS not in danas.read("/").text


@pytest.mark.parametrize("path", ["/", "/requests/new"])
def test_a_page_asks_for_nothing_by_being_read(browser, bob, path):
    browser(bob).read(path)

    assert not AccessRequest.objects.exists()
