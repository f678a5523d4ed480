"""What the pages show, how often they ask the database, and what they load."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django_celery_beat.models import IntervalSchedule, PeriodicTask

from audit import services
from audit.models import AuditEvent, LedgerEntry, OutboxEntry
from chatops.models import Delegation, LinkedAccount, Posting, Route
from identity.models import ApiToken, Role, User
from policy.models import Workflow
from requests_app.models import AccessRequest, Grant
from tests import cast
from tests.admin.conftest import MODELS
from tests.factories.identity import RoleFactory, TokenFactory, UserFactory

MANY = 1000


def statements(browser, path: str) -> int:
    with CaptureQueriesContext(connection) as found:
        assert browser.get(path).status_code == 200
    return len(found)


def copies(one, **changed):
    """A thousand like this one."""
    kind = type(one)
    fields = {f.attname: getattr(one, f.attname) for f in kind._meta.concrete_fields}
    fields.pop("id", None)
    for number in range(MANY):
        yield kind(
            **fields
            | {name: value(number) for name, value in changed.items() if callable(value)}
        )


def grow(stage) -> None:
    users = UserFactory.build_batch(MANY)
    User.objects.bulk_create(users)
    Role.objects.bulk_create(RoleFactory.build_batch(MANY))
    ApiToken.objects.bulk_create(TokenFactory.build(user=user) for user in users)
    requests = list(
        copies(
            stage.grant.request,
            requester_id=lambda n: users[n].pk,
            extends_id=lambda _: stage.grant.pk,
        )
    )
    AccessRequest.objects.bulk_create(requests)
    Grant.objects.bulk_create(copies(stage.grant, request_id=lambda n: requests[n].pk))
    for kind in (Workflow, Route):
        kind.objects.bulk_create(copies(kind.objects.first(), name=lambda n: f"more-{n}"))
    LinkedAccount.objects.bulk_create(
        copies(stage.account, external_id=lambda n: f"more-{n}", user_id=lambda n: users[n].pk)
    )
    Delegation.objects.bulk_create(copies(Delegation.objects.get()))
    Posting.objects.bulk_create(copies(stage.posting, recipient=lambda n: f"room-{n}"))
    events = list(copies(AuditEvent.objects.first()))
    AuditEvent.objects.bulk_create(events)
    OutboxEntry.objects.bulk_create(OutboxEntry(event=event) for event in events)
    services.drain(at=cast.NOON)


def test_a_list_of_a_thousand_costs_what_a_short_one_costs(stage, dana):
    for model in MODELS:  # what roles say is read once for all
        dana.get(f"/admin/{model}/")
    few = {model: statements(dana, f"/admin/{model}/") for model in MODELS}
    first = statements(dana, "/admin/")

    grow(stage)

    assert {model: statements(dana, f"/admin/{model}/") for model in MODELS} == few
    assert statements(dana, "/admin/") == first
    assert max(few.values()) <= 8


def test_every_list_is_searched_and_narrowed(stage, dana):
    for path, count in {
        "identity/user/?q=bob": 1,
        "identity/user/?is_bot__exact=1": 2,
        "identity/apitoken/?open=yes": 1,
        "identity/apitoken/?open=no": 0,
        "requests_app/accessrequest/?state=PENDING": 1,
        "requests_app/accessrequest/?state=APPROVED&q=staging": 1,
        "requests_app/accessrequest/?requester__email=alice@example.com": 0,
        "requests_app/grant/?state=ACTIVE&role__name=staging-web": 1,
        "chatops/posting/?state=SENT": 0,
        "audit/ledgerentry/?type=token.created": 1,
        f"audit/ledgerentry/?q={stage.token.pk}": 1,
        f"audit/ledgerentry/?event__about_id={stage.token.pk}": 1,
        "audit/ledgerentry/?q=token.c": 1,
        "audit/ledgerentry/?event__at__gte=2030-01-01+00:00:00%2B00:00": 0,
    }.items():
        answer = dana.get(f"/admin/{path}")
        assert (answer.status_code, answer.context["cl"].result_count) == (200, count), path


def test_the_state_is_that_of_the_clock_whether_a_job_has_run_or_not(stage, dana, clock):
    clock.move(days=8)

    expired = dana.get("/admin/requests_app/accessrequest/?state=EXPIRED").context["cl"]
    over = dana.get("/admin/requests_app/grant/?state=EXPIRED").context["cl"]

    assert [one.pk for one in expired.result_list] == [stage.pending.pk]
    assert [one.pk for one in over.result_list] == [stage.grant.pk]


def test_a_request_is_shown_with_all_that_happened_to_it(stage, dana):
    request = AccessRequest.objects.get(grants=stage.grant)
    page = dana.get(f"/admin/requests_app/accessrequest/{request.pk}/change/").content.decode()

    for said in ("one colleague", "1 of 1", "alice@example.com", "Approve", "asked for access"):
        assert said in page, said


def test_a_role_says_who_holds_it_and_who_may_ask_for_it(stage, dana):
    role = Role.objects.get(name="staging-web")
    page = dana.get(f"/admin/identity/role/{role.pk}/change/")

    shown = page.context["adminform"].model_admin
    assert shown.held_by(Role.objects.get(name="contractor")) == "carol@example.com"
    asking = shown.asked_for_by(role)
    assert asking == "alice@example.com, bob@example.com, carol@example.com, ivan@example.com"
    assert asking in page.content.decode()


def test_a_user_is_shown_with_the_roles_held_now(stage, dana):
    bob = stage.grant.user
    page = dana.get(f"/admin/identity/user/{bob.pk}/change/").content.decode()

    assert "staging-web (by a grant)" in page
    assert "laptop" in page


def test_history_leads_to_the_log(stage, dana):
    answer = dana.get(f"/admin/requests_app/grant/{stage.grant.pk}/history/", follow=True)

    types = {entry.event.type for entry in answer.context["cl"].result_list}
    assert types == {"grant.started"}


def test_an_object_that_is_not_there_is_not_found(stage, dana):
    for path in (
        "requests_app/grant/00000000-0000-0000-0000-00000000dead/change/",
        "requests_app/grant/nonsense/change/",
        "requests_app/grant/nonsense/do/revoke/",
        f"requests_app/grant/{stage.grant.pk}/do/delete/",
        "nowhere/at/all/",
    ):
        assert dana.get(f"/admin/{path}").status_code == 404, path


def test_the_first_page_says_what_is_behind(stage, dana, clock):
    PeriodicTask.objects.all().delete()
    every, _ = IntervalSchedule.objects.get_or_create(every=2, period="seconds")
    for name, ago in {"on-time": 60, "late": 600}.items():
        PeriodicTask.objects.create(
            name=name,
            task=name,
            interval=every,
            last_run_at=clock.now() - timedelta(seconds=ago),
        )
    services.drain(at=clock.now())
    event = AuditEvent.objects.get(pk=LedgerEntry.objects.first().event_id)
    OutboxEntry.objects.create(event=event)
    clock.move(minutes=2)

    page = dana.get("/admin/")

    late = {job.name: job.is_late for job in page.context["jobs"]}
    assert late == {"late": True, "on-time": False}
    found = {one.name: (one.count, one.is_late) for one in page.context["backlogs"]}
    assert found["Events without a place in the log"] == (1, True)
    assert found["Requests that wait"] == (1, False)
    assert found["Messages that failed"][1] is True
    assert found["Channels with a problem"] == (1, True)
    assert found["Deliveries given up"] == (0, False)


def test_a_page_says_what_it_may_load_and_that_is_nothing_from_elsewhere(stage, dana):
    for path in ("/admin/", "/admin/identity/user/", "/admin/identity/role/do/new/"):
        answer = dana.get(path)
        policy = answer.headers["Content-Security-Policy"]
        assert "script-src 'self' 'unsafe-eval'" in policy
        assert "http" not in policy
        assert "no-store" in answer.headers["Cache-Control"]


@pytest.mark.parametrize("path", ["/", "/requests/new"])
def test_other_pages_do_not_get_the_policy_of_the_admin(stage, dana, path):
    policy = dana.get(path).headers["Content-Security-Policy"]

    assert "unsafe" not in policy


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_theme_is_that_of_the_pages(stage, dana, theme):
    dana.cookies["theme"] = theme

    assert f'class="{theme}"' in dana.get("/admin/").content.decode()
