"""The form that asks for more time with what is held."""

from datetime import timedelta

import pytest

from requests_app.models import AccessRequest
from tests import deeds
from tests.cast import called

NEW = "/requests/new"


@pytest.fixture
def held(bob, clock):
    """Bob's dba from noon on, for two hours."""
    return deeds.granted_dba(bob, duration=timedelta(hours=2))


def test_the_role_stands_and_its_new_end_is_said(browser, bob, held):
    seen = browser(bob).read(f"{NEW}?extends={held.pk}&duration=1h")

    assert "Ask for more time with dba" in seen.text
    assert "You hold it until Mon 2 Mar 2026, 14:00 UTC" in seen.text
    assert "Ends at Mon 2 Mar 2026, 15:00 UTC" in seen.text
    assert 'type="checkbox" name="roles"' not in seen.source


def test_what_would_be_beyond_the_limit_is_cut_and_said(browser, bob, held):
    seen = browser(bob).read(f"{NEW}?extends={held.pk}&duration=8h")

    assert "Ends at Mon 2 Mar 2026, 20:00 UTC" in seen.text
    assert "That is the longest that is allowed." in seen.text


def test_more_time_is_asked_for(browser, bob, held):
    seen = browser(bob).send(
        NEW, extends=str(held.pk), roles=["dba"], duration="other", other_duration="90m"
    )

    request = AccessRequest.objects.get(extends=held)
    assert seen.path == f"/requests/{request.pk}"
    assert request.duration.total_seconds() == 5400


@pytest.mark.parametrize("which", ["another's", "none", "no id"])
def test_what_is_not_one_s_own_is_not_there(browser, held, which):
    alices = browser(called("alice"))
    grant = {
        "another's": str(held.pk),
        "none": "00000000-0000-0000-0000-000000000000",
        "no id": "x",
    }[which]

    assert alices.read(f"{NEW}?extends={grant}").status == 404
    assert alices.send(NEW, extends=grant, roles=["dba"]).status in {400, 404}
    assert AccessRequest.objects.filter(extends__isnull=False).count() == 0


def test_what_is_over_leads_to_asking_anew(browser, bob, held):
    deeds.end(held, bob)

    seen = browser(bob).read(f"{NEW}?extends={held.pk}")

    assert "This access is over" in seen.text
    assert f'href="{NEW}?role=dba"' in seen.source


def test_what_ended_while_the_form_was_open_loses_nothing(browser, bob, held):
    deeds.end(held, bob)

    seen = browser(bob).send(NEW, extends=str(held.pk), roles=["dba"], reason="r")

    assert seen.status == 409
    assert "This access is over" in seen.text


def test_a_second_extension_leads_to_the_first(browser, bob, held):
    first = deeds.extend(held, bob)

    seen = browser(bob).send(NEW, extends=str(held.pk), roles=["dba"], reason="again")

    assert seen.status == 409
    assert f'href="/requests/{first.pk}">See that request' in seen.source
    assert "again" in seen.source
