"""Django's own ways to add, change and delete are closed, whatever is sent there."""

import pytest
from django.contrib.admin.models import LogEntry

from audit.models import AuditEvent
from requests_app.models import AccessRequest
from tests.admin.conftest import MODELS

FORGED = {
    "state": "APPROVED",
    "is_active": "",
    "email": "eve@example.com",
    "password": "x",
    "name": "forged",
    "spec": "{}",
    "resolved_at": "2026-01-01",
    "ends_at": "2030-01-01",
    "revoked_at": "",
    "roles": "[]",
    "_save": "Save",
    "post": "yes",
}


def everything() -> dict[str, list[dict]]:
    return {name: list(model.objects.order_by("pk").values()) for name, model in MODELS.items()}


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("page", ["add/", "{pk}/change/", "{pk}/delete/"])
def test_a_forged_form_changes_nothing(stage, dana, model, page):
    before, recorded = everything(), AuditEvent.objects.count()
    path = f"/admin/{model}/{page.format(pk=stage.one(model).pk)}"

    # What is saved as new is added, and asks for another right.
    answers = [dana.post(path, FORGED), dana.post(path, FORGED | {"_saveasnew": "1"})]

    assert [answer.status_code for answer in answers] == [403, 403]
    assert everything() == before
    assert AuditEvent.objects.count() == recorded
    assert not LogEntry.objects.exists()


@pytest.mark.parametrize("model", MODELS)
def test_there_is_no_page_to_add_or_delete(stage, dana, model):
    for page in ("add/", f"{stage.one(model).pk}/delete/"):
        assert dana.get(f"/admin/{model}/{page}").status_code == 403


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("action", ["delete_selected", "send_these_again", "__import__"])
def test_a_forged_action_changes_nothing(stage, dana, model, action):
    if (model, action) == ("chatops/posting", "send_these_again"):
        return  # which is offered there
    before, recorded = everything(), AuditEvent.objects.count()
    chosen = {"action": action, "_selected_action": str(stage.one(model).pk), "post": "yes"}

    dana.post(f"/admin/{model}/", chosen)
    dana.post(
        f"/admin/{model}/",
        {"form-TOTAL_FORMS": "1", "form-0-state": "APPROVED", "_save": "Save"},
    )

    assert everything() == before
    assert AuditEvent.objects.count() == recorded


@pytest.mark.parametrize("model", MODELS)
def test_a_page_that_shows_has_no_field_to_fill_in(stage, dana, model):
    page = dana.get(f"/admin/{model}/{stage.one(model).pk}/change/")

    assert page.context["adminform"].form.fields == {}
    assert 'name="_save"' not in page.content.decode()


def test_asking_for_a_deed_does_nothing(stage, dana):
    before, recorded = everything(), AuditEvent.objects.count()

    for model, deeds in {
        "identity/user": ("edit", "deactivate", "activate", "end-sessions"),
        "identity/apitoken": ("revoke",),
        "requests_app/accessrequest": ("force",),
        "requests_app/grant": ("revoke",),
        "chatops/channelconfig": ("edit", "sample"),
        "chatops/posting": ("send-again",),
        "chatops/linkedaccount": ("unlink",),
    }.items():
        for deed in deeds:
            path = f"/admin/{model}/{stage.one(model).pk}/do/{deed}/"
            assert dana.get(path).status_code == 200, path

    assert everything() == before
    assert AuditEvent.objects.count() == recorded


def test_a_deed_without_the_token_of_its_form_is_not_done(stage, dana):
    dana.handler.enforce_csrf_checks = True

    path = f"/admin/requests_app/accessrequest/{stage.pending.pk}/do/force/"
    answer = dana.post(path, {"state": "APPROVED", "reason": "x"})

    assert answer.status_code == 403
    assert AccessRequest.objects.get(pk=stage.pending.pk).state == "PENDING"


@pytest.mark.parametrize(
    "query",
    [
        "identity/user/?password__startswith=m",
        "identity/user/?tokens__digest__startswith=a",
        "identity/apitoken/?digest__startswith=a",
        "identity/apitoken/?user__password__startswith=m",
        "chatops/channelconfig/?settings__secret__startswith=sealed",
        "chatops/posting/?channel__settings__secret__startswith=sealed",
        "policy/workflow/?secrets__0__startswith=sealed",
        "requests_app/grant/?user__password__startswith=m",
    ],
)
def test_no_column_can_be_found_out_letter_by_letter(stage, dana, query):
    assert dana.get(f"/admin/{query}").status_code == 400


def test_an_object_is_found_by_its_id_alone(stage, dana):
    answer = dana.get("/admin/identity/user/bob@example.com/change/?_to_field=email")

    assert answer.status_code == 400
