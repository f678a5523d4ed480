"""The admin has no rights of its own: who sees what there is who sees it at any other door."""

import os
import subprocess
import sys

import pytest
from django.conf import settings
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group, Permission
from django.core.exceptions import ImproperlyConfigured
from django.urls import URLResolver, get_resolver
from django_celery_beat.models import PeriodicTask

from accessplane.lib.admins import Shown
from audit.models import AuditEvent
from identity.models import Role
from requests_app.models import AccessRequest
from tests import cast, deeds
from tests.admin.conftest import MODELS

# Which of the lists each reader opens; dana and the auditor open all.
READERS = {
    "reads-access_request": {"requests_app/accessrequest"},
    "forces": {"requests_app/accessrequest"},
    "reads-grant": {"requests_app/grant"},
    "reads-user": {"identity/user", "chatops/delegation", "chatops/linkedaccount"},
    "reads-role": {"identity/role"},
    "reads-workflow": {"policy/workflow"},
    "reads-channel": {"chatops/channelconfig", "chatops/posting"},
    "reads-route": {"chatops/route"},
    "reads-event": {"audit/ledgerentry"},
    "reads-token": {"identity/apitoken"},
    "auditor": set(MODELS),
    "dana": set(MODELS),
}
NOT_FOR = ("bob", "alice", "carol", "mallory", "robot", "butler")


def addresses() -> set[str]:
    """Every address below /admin/, its parameters as they stand in the book."""
    (below,) = [
        one
        for one in get_resolver().url_patterns
        if isinstance(one, URLResolver) and str(one.pattern) == "admin/"
    ]
    return set(_below(below.url_patterns, "/admin/"))


def _below(patterns, prefix):
    for pattern in patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from _below(pattern.url_patterns, route)
        else:
            yield route


def filled(stage) -> list[str]:
    """The addresses with objects that exist, and deeds that are known."""
    found = {"/admin/", "/admin/jsi18n/", "/admin/identity/"}
    for model, kind in MODELS.items():
        pk = stage.one(model).pk
        shown = admin.site.get_model_admin(kind)
        base = f"/admin/{model}/"
        found |= {base, f"{base}add/"}
        found |= {f"{base}{pk}/{page}/" for page in ("change", "history", "delete")}
        found |= {f"{base}{pk}/do/{deed.name}/" for deed in shown.deeds}
        found |= {f"{base}do/{deed.name}/" for deed in shown.openings}
    return sorted(found)


def test_every_address_is_one_that_these_tests_try():
    known = {
        "/admin/",
        "/admin/login/",
        "/admin/logout/",
        "/admin/jsi18n/",
    } | {
        f"/admin/{model}/{page}"
        for model in MODELS
        for page in (
            "",
            "add/",
            "<path:object_id>/",
            "<path:object_id>/change/",
            "<path:object_id>/history/",
            "<path:object_id>/delete/",
            "<path:object_id>/do/<slug:deed>/",
            "do/<slug:deed>/",
        )
    }
    found = addresses()

    (of_apps,) = [one for one in found if "?P<app_label>" in one]
    assert found - {of_apps} == known


def test_nobody_is_sent_to_the_one_sign_in(stage, client):
    for path in filled(stage):
        for answer in (client.get(path), client.post(path)):
            assert answer.status_code == 302, path
            assert answer.headers["Location"].startswith("/accounts/login/?next=/admin/"), path


def test_the_admin_has_no_sign_in_of_its_own(client, db):
    asked = client.get("/admin/login/")
    tried = client.post("/admin/login/", {"username": "dana@example.com", "password": "x"})

    assert asked.headers["Location"] == tried.headers["Location"] == "/admin/"


@pytest.mark.parametrize("name", NOT_FOR)
def test_without_a_right_to_look_or_as_a_bot_nobody_enters(stage, signed_in, name):
    browser = signed_in(name)

    for path in filled(stage):
        assert browser.get(path).status_code == 403, path
        assert browser.post(path).status_code == 403, path


def test_somebody_inactive_is_nobody(stage, signed_in):
    answer = signed_in("gone").get("/admin/")

    assert answer.headers["Location"].startswith("/accounts/login/")


@pytest.mark.parametrize("name", READERS)
def test_who_reads_one_kind_sees_that_kind_and_no_other(stage, signed_in, name):
    browser = signed_in(name)

    assert browser.get("/admin/").status_code == 200
    for model in MODELS:
        wanted = 200 if model in READERS[name] else 403
        assert browser.get(f"/admin/{model}/").status_code == wanted, model
        pk = stage.one(model).pk
        one = browser.get(f"/admin/{model}/{pk}/change/").status_code
        # Who may force a decision and read nothing does not see bob's request.
        assert one == (404 if name == "forces" and wanted == 200 else wanted), model


@pytest.mark.parametrize("name", READERS)
def test_the_places_at_the_side_are_those_that_open(stage, signed_in, name):
    page = signed_in(name).get("/admin/").content.decode()

    found = {model for model in MODELS if f'href="/admin/{model}/"' in page}
    assert found == READERS[name]


@pytest.mark.parametrize("name", [*READERS, *NOT_FOR])
def test_the_navigation_offers_the_admin_to_those_who_may_enter(stage, signed_in, name):
    browser = signed_in(name)

    offered = 'href="/admin/"' in browser.get("/notifications").content.decode()

    assert offered is (browser.get("/admin/").status_code == 200)


def test_a_list_holds_what_its_viewer_sees_elsewhere(stage, signed_in):
    own = deeds.ask(cast.called("bob"), "staging-db")
    cast.apply(
        cast.role("judge", allow={"review_requests": {"roles": ["staging-*"]}}),
        cast.person("forces", roles=["forces", "judge"]),
    )
    page = signed_in("forces").get("/admin/requests_app/accessrequest/")

    shown = {row.pk for row in page.context["cl"].result_list}
    granted = AccessRequest.objects.get(grants=stage.grant)
    assert shown == {own.pk, granted.pk}
    assert stage.pending.pk not in shown


def test_what_one_does_not_see_cannot_be_done_anything_about(stage, signed_in):
    before = AuditEvent.objects.count()
    path = f"/admin/requests_app/accessrequest/{stage.pending.pk}/do/force/"

    answer = signed_in("forces").post(path, {"state": "APPROVED", "reason": "x"})

    assert answer.status_code == 404
    stage.pending.refresh_from_db()
    assert (stage.pending.state, AuditEvent.objects.count()) == ("PENDING", before)


def test_the_figures_of_the_first_page_are_those_of_the_kinds_one_reads(stage, signed_in):
    of_one = signed_in("reads-grant").get("/admin/").context["backlogs"]
    of_all = signed_in("auditor").get("/admin/").context["backlogs"]

    assert {one.name for one in of_one} == {
        "Starts nobody has noted",
        "Ends nobody has noted",
    }
    assert len(of_all) == 10


def test_an_auditor_is_offered_nothing_to_do(stage, signed_in):
    browser = signed_in("auditor")

    for model, kind in MODELS.items():
        shown = admin.site.get_model_admin(kind)
        base = f"/admin/{model}/"
        assert "/do/" not in browser.get(base).content.decode()
        page = browser.get(f"{base}{stage.one(model).pk}/change/").content.decode()
        assert "/do/" not in page, model
        for deed in shown.deeds:
            path = f"{base}{stage.one(model).pk}/do/{deed.name}/"
            assert browser.get(path).status_code == browser.post(path).status_code == 403, path
        for deed in shown.openings:
            path = f"{base}do/{deed.name}/"
            assert browser.get(path).status_code == browser.post(path).status_code == 403, path


def test_only_what_shows_can_be_registered():
    assert all(isinstance(one, Shown) for one in admin.site._registry.values())
    for model in (Role, PeriodicTask, Group, Permission, LogEntry):
        with pytest.raises(ImproperlyConfigured):
            admin.site.register(model, admin.ModelAdmin)


def test_nothing_else_is_registered():
    """Whoever edits a periodic task runs code; groups and permissions would be other rights."""
    assert set(admin.site._registry) == set(MODELS.values())
    assert "django.contrib.admin" not in settings.INSTALLED_APPS


def test_a_plane_that_nobody_administers_does_not_load_the_admin(tmp_path):
    """It would cost each process some megabytes."""
    code = (
        "import accessplane.asgi, sys; from django.urls import reverse; reverse('home'); "
        "loaded = {'unfold.admin', 'identity.admin', 'accessplane.admin.site'} & set(sys.modules); "
        "assert not loaded, loaded; reverse('admin:index'); "
        "assert 'identity.admin' in sys.modules"
    )
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "accessplane.settings.embedded",
        "DATA": str(tmp_path),
    }

    done = subprocess.run(  # noqa: S603 - our own words
        [sys.executable, "-c", code],
        cwd=settings.BASE_DIR,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
