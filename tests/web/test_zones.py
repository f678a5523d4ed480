"""Moments are read and written in the zone of whoever looks, and the zone is named."""

import pytest

from chatops.models import Delegation
from requests_app.models import AccessRequest
from tests import deeds

BERLIN = "Europe/Berlin"
NEW = "/requests/new"


def starts() -> list[str]:
    found = AccessRequest.objects.order_by("created_at", "pk").values_list(
        "start_time", flat=True
    )
    return [f"{start:%d %H:%M}" for start in found]


def test_a_chosen_zone_is_that_of_the_times_without_scripts(browser, bob, clock):
    request, bobs = deeds.ask(bob, "dba"), browser(bob)
    page = f"/requests/{request.pk}"
    assert "Mon 9 Mar 2026, 12:00 UTC" in bobs.read(page).text

    bobs.send("/zone", zone=BERLIN)

    seen = bobs.read(page)
    assert "Mon 9 Mar 2026, 13:00 CET" in seen.text
    assert f'data-reads-in="{BERLIN}"' in seen.source
    assert f"<option selected>{BERLIN}</option>" in bobs.read("/settings").source

    bobs.send("/zone", zone="")
    assert "data-reads-in" not in bobs.read(page).source


@pytest.mark.parametrize("name", ["Mars/Olympus", "../../etc/passwd", '"><script>', "x" * 5000])
def test_what_is_no_zone_is_not_chosen(browser, bob, clock, name):
    bobs = browser(bob)
    bobs.send("/zone", zone=name)
    assert "zone" not in bobs.client.cookies or not bobs.client.cookies["zone"].value

    bobs.client.cookies["zone"] = name[:100]
    seen = bobs.read("/settings")
    assert (seen.status, "data-reads-in" in seen.source) == (200, False)


def test_rest_answers_in_utc_whatever_was_chosen(browser, bob, clock):
    deeds.ask(bob, "dba")
    bobs = browser(bob)
    bobs.send("/zone", zone=BERLIN)

    (found,) = bobs.client.get("/api/v1/access-requests/").json()["results"]
    assert found["created_at"] == "2026-03-02T12:00:00.000000Z"


def test_a_start_is_in_the_zone_that_stood_beside_it(browser, bob, clock):
    bobs = browser(bob)
    bobs.send(NEW, roles=["staging-db"], start_time="2026-03-02T15:00")
    bobs.send("/zone", zone="America/New_York")
    bobs.send(NEW, roles=["dba"], start_time="2026-03-02T15:00", zone=BERLIN)
    bobs.send(NEW, roles=["staging-web"], start_time="2026-03-02T15:00")

    assert starts() == ["02 15:00", "02 14:00", "02 20:00"]


def test_a_reviewer_sets_a_start_in_a_zone_of_his_own(browser, bob, alice, clock):
    request, alices = deeds.ask(bob, "staging-web"), browser(alice)
    alices.send("/zone", zone=BERLIN)
    form = alices.read(f"/requests/{request.pk}").source
    assert f'name="zone" value="{BERLIN}"' in form
    assert f"<span data-zone>{BERLIN}</span>" in form

    said = {"decision": "APPROVE", "start_time": "2026-03-02T18:30", "zone": BERLIN}
    page = alices.send(f"/requests/{request.pk}/review", **said)

    assert "18:30 CET" in page.text
    assert starts() == ["02 17:30"]


def test_who_is_told_instead_is_so_in_the_zone_of_the_form(browser, alice, ivan, clock):
    browser(alice).send(
        "/notifications/delegations",
        delegate=ivan.email,
        starts_at="2026-03-03T09:00",
        ends_at="2026-07-03T09:00",
        zone=BERLIN,
    )

    made = Delegation.objects.get()
    assert (f"{made.starts_at:%H:%M}", f"{made.ends_at:%H:%M}") == ("08:00", "07:00")


@pytest.mark.parametrize(
    ("start", "zone"),
    [("2026-03-08T15:00", "Mars/Olympus"), ("2026-03-08T02:30", "America/New_York")],
)
def test_a_moment_that_nobody_can_place_is_refused_and_kept(browser, bob, clock, start, zone):
    """The second is in the hour that the clocks leave out."""
    seen = browser(bob).send(NEW, roles=["staging-db"], start_time=start, zone=zone)

    assert seen.status == 400
    assert f'value="{start}"' in seen.source
    assert not AccessRequest.objects.exists()


def test_a_strange_zone_stops_nobody_who_writes_no_moment(browser, bob, clock):
    browser(bob).send(NEW, roles=["staging-db"], zone="Mars/Olympus")

    assert AccessRequest.objects.exists()
