"""The form for a new request."""

import pytest

from audit.models import AuditEvent
from requests_app.models import AccessRequest
from tests import cast, deeds

NEW = "/requests/new"


@pytest.fixture
def reason_required(everybody):
    cast.apply(
        cast.role("dba-with-ticket"),
        cast.role(
            "careful",
            allow={
                "request": {
                    "roles": ["dba-with-ticket"],
                    "reason": {
                        "mode": "required",
                        "prompt": "Which ticket?",
                        "pattern": "#[0-9]+",
                    },
                }
            },
        ),
        cast.person("bob", roles=["careful", "developer"]),
    )


def nothing_was_asked() -> bool:
    return (
        not AccessRequest.objects.exists()
        and not AuditEvent.objects.filter(about_kind="access_request").exists()
    )


def test_the_form_offers_what_may_be_requested_and_marks_what_is_held(browser, bob, clock):
    grant = deeds.granted_dba(bob)

    seen = browser(bob).read(NEW)

    assert 'value="dba"' in seen.source
    assert 'value="staging-db"' in seen.source
    assert 'value="developer"' not in seen.source
    assert seen.text.count("You hold it now, until Mon 2 Mar 2026, 20:00 UTC") == 1
    assert grant.role.name == "dba"


def test_prompts_are_shown_before_anybody_is_refused(browser, bob, reason_required):
    seen = browser(bob).read(NEW)

    assert "Needs a reason." in seen.text
    assert "Which ticket?" in seen.text


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({}, "Nothing is requested: name at least one role."),
        ({"roles": ["admin"]}, "admin"),
        ({"roles": ["not a role"]}, "not a role"),
        ({"duration": "soon"}, "A duration is written like 90s, 30m, 8h, 4d or 1h30m"),
        ({"duration": "15d"}, "No access lasts longer than 14 days."),
        ({"start_time": "tomorrow"}, "This is a date and a time"),
        ({"start_time": "2026-03-02T11:00"}, "The start time is in the past."),
        ({"start_time": "2026-03-10T12:00"}, "The start time is more than 7 days ahead."),
        ({"suggested_reviewers": "zoe@example.com"}, "zoe@example.com is no active user."),
        ({"reason": "x" * 4097}, "A reason has at most 4096 bytes."),
    ],
)
def test_what_cannot_be_is_said_at_the_form_and_nothing_is_lost(
    browser, bob, clock, fields, sentence
):
    filled_in = {"roles": ["dba"], "reason": "kept reason", "duration": "2h"} | fields
    if not fields:
        filled_in["roles"] = []

    seen = browser(bob).send(NEW, **filled_in)

    assert seen.status == 400
    assert sentence in seen.text
    assert filled_in["reason"] in seen.source
    assert f'value="{filled_in["duration"]}"' in seen.source
    assert nothing_was_asked()


def test_a_ticked_role_stays_ticked(browser, bob):
    seen = browser(bob).send(NEW, roles=["staging-db"], duration="soon")

    (ticked,) = [
        line for line in seen.source.splitlines() if "checkbox" in line and " checked" in line
    ]
    assert 'value="staging-db"' in ticked


@pytest.mark.parametrize(
    ("reason", "sentence"),
    [("", "A reason is required."), ("no number", "Which ticket?")],
)
def test_a_reason_that_lacks_something_is_refused_at_its_field(
    browser, bob, reason_required, reason, sentence
):
    seen = browser(bob).send(NEW, roles=["dba-with-ticket"], reason=reason)

    errors = seen.source.partition('id="id_reason_error"')[2]
    assert sentence in errors.partition("</ul>")[0]
    assert nothing_was_asked()


def test_a_request_keeps_what_was_said(browser, bob, clock):
    seen = browser(bob).send(
        NEW,
        roles=["staging-web", "staging-db"],
        reason="first line\r\nsecond line",
        duration="1h30m",
        start_time="2026-03-02T15:00",
        suggested_reviewers="alice@example.com, IVAN@example.com",
    )

    request = AccessRequest.objects.get()
    assert seen.path == f"/requests/{request.pk}"
    assert request.roles == ["staging-db", "staging-web"]
    assert request.reason == "first line\nsecond line"
    assert request.suggested_reviewers == ["alice@example.com", "ivan@example.com"]
    assert request.via == "web"
    assert "1 hour 30 minutes" in seen.text
    assert "from Mon 2 Mar 2026, 15:00 UTC" in seen.text


def test_asking_the_same_again_leads_to_what_was_asked(browser, bob, clock):
    earlier = deeds.ask(bob, "dba")

    seen = browser(bob).send(NEW, roles=["dba"], reason="again")

    assert seen.status == 409
    assert "You asked for exactly this already." in seen.text
    assert f'href="/requests/{earlier.pk}"' in seen.source
    assert str(earlier.pk) not in seen.text
    assert "again" in seen.source
    assert AccessRequest.objects.count() == 1


def test_a_preview_says_what_it_takes_and_asks_for_nothing(browser, bob, clock):
    seen = browser(bob).send(NEW, roles=["dba"], reason="r", duration="12h", preview="1")

    assert "Alice and Ivan must agree." in seen.text
    assert "Ends at Mon 2 Mar 2026, 20:00 UTC , if it is approved now." in seen.text
    assert "That is the longest that is allowed." in seen.text
    assert nothing_was_asked()


def test_a_role_in_the_address_is_ticked(browser, bob):
    seen = browser(bob).read(f"{NEW}?role=dba")

    (ticked,) = [
        line for line in seen.source.splitlines() if "checkbox" in line and " checked" in line
    ]
    assert 'value="dba"' in ticked


def test_whoever_may_ask_for_nothing_is_told_so(browser, mallory):
    seen = browser(mallory).read(NEW)

    assert "Your roles let you ask for nothing." in seen.text
    assert not seen.has_button("Request access")
