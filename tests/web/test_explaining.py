"""The page that says what a request would take, and why one is refused."""

import pytest

from audit.models import AuditEvent
from requests_app.models import AccessRequest
from tests import cast, deeds

WHY = "/explain"


def test_without_a_role_there_is_a_question_and_no_answer(browser, bob):
    seen = browser(bob).read(WHY)

    assert seen.status == 200
    assert "Nothing is asked." in seen.text
    assert 'value="staging-*"' not in seen.source
    assert '<option value="dba">' in seen.source
    assert '<option value="dba-reviewer">' not in seen.source


def test_it_says_who_would_have_to_agree_and_leads_to_the_form(browser, bob, clock):
    seen = browser(bob).read(f"{WHY}?role=dba&duration=2h")

    assert "Alice and Ivan must agree." in seen.text
    assert "developer demands it. 1 denial turns it down." in seen.text
    assert "At most 8 hours: the role developer says so." in seen.text
    assert "Access would last 2 hours." in seen.text
    assert 'href="/requests/new?role=dba"' in seen.source
    assert 'value="2h"' in seen.source
    assert not AccessRequest.objects.exists()
    assert not AuditEvent.objects.filter(about_kind="access_request").exists()


def test_it_says_why_not(browser, carol):
    seen = browser(carol).read(f"{WHY}?role=dba&role=staging-web")

    assert seen.status == 200
    assert "You may not ask for dba: the role contractor forbids it." in seen.text
    assert "You may ask for staging-web: the role contractor allows it." in seen.text
    assert "Who can decide" not in seen.text
    assert 'value="dba, staging-web"' in seen.source


def test_names_may_stand_in_one_field(browser, bob):
    seen = browser(bob).read(f"{WHY}?role=dba%2C+staging-web")

    assert "You may ask for dba" in seen.text
    assert "You may ask for staging-web" in seen.text


def test_asking_twice_leads_to_what_was_asked(browser, bob, clock):
    earlier = deeds.ask(bob, "dba")

    seen = browser(bob).read(f"{WHY}?role=dba")

    assert "You asked for exactly this already." in seen.text
    assert f'href="/requests/{earlier.pk}"' in seen.source
    assert str(earlier.pk) not in seen.text


def test_what_is_no_question_is_said_at_its_field(browser, bob, dana):
    wrong = browser(bob).read(f"{WHY}?role=dba&duration=soon")
    unknown = browser(dana).read(f"{WHY}?role=dba&user=zoe@example.com")

    assert (wrong.status, unknown.status) == (400, 400)
    assert "A duration is written like" in wrong.text
    assert "There is no active user zoe@example.com." in unknown.text


def test_somebody_else_is_for_those_who_read_users_and_roles(browser, bob, dana, carol):
    forbidden = browser(bob).read(f"{WHY}?role=dba&user=carol@example.com")
    danas = browser(dana).read(f"{WHY}?role=dba&user=carol@example.com")

    assert forbidden.status == 403
    assert "contractor" not in forbidden.text
    assert "For whom" in danas.text
    assert "For whom" not in browser(bob).read(WHY).text
    assert "Carol may not ask for dba: the role contractor forbids it." in danas.text
    assert "/requests/new?role=" not in danas.source


def test_what_was_refused_leads_here_with_all_that_was_said(browser, bob):
    seen = browser(bob).send("/requests/new", roles=["dba", "admin"], reason="r", duration="2h")

    assert "Why is this refused?" in seen.text
    link = "/explain?role=dba%2C+admin&amp;reason=r&amp;duration=2h"
    assert f'href="{link}"' in seen.source
    told = browser(bob).read(link.replace("&amp;", "&"))
    assert "You may not ask for admin" in told.text


@pytest.mark.parametrize("name", ["bob", "mallory"])
def test_the_form_for_asking_leads_here(browser, everybody, name):
    assert 'href="/explain"' in browser(cast.called(name)).read("/requests/new").source


def test_what_people_write_is_only_text(browser, bob):
    seen = browser(bob).read(f"{WHY}?role=%3Cscript%3E&reason=%3Cscript%3E")

    assert "<script>" not in seen.source
