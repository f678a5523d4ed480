"""`Idempotency-Key` on any POST (CONTRACT 3)."""

import pytest
from django.db import connection

from accessplane.lib import processes
from accessplane.models import KeptAnswer
from audit.models import AuditEvent
from identity.models import ApiToken
from requests_app.models import AccessRequest
from tests import cast

pytestmark = pytest.mark.django_db

KEY = {"Idempotency-Key": "bob-asks-once"}
DBA = {"roles": ["dba"], "reason": "ticket #123"}


def test_the_same_key_and_body_give_the_same_answer(as_, bob):
    first = as_(bob).post("access-requests/", DBA, headers=KEY)
    again = as_(bob).post("access-requests/", DBA, headers=KEY)

    assert (first.status_code, again.status_code) == (201, 201)
    assert again.content == first.content
    assert AccessRequest.objects.count() == 1
    assert AuditEvent.objects.filter(type="access_request.created").count() == 1


def test_without_a_key_the_same_call_is_another_one(as_, bob):
    as_(bob).post("access-requests/", DBA)

    again = as_(bob).post("access-requests/", DBA)

    assert again.status_code == 409


def test_another_body_with_the_key_is_refused_and_does_nothing(as_, bob):
    as_(bob).post("access-requests/", DBA, headers=KEY)

    other = as_(bob).post("access-requests/", DBA | {"reason": "ticket #124"}, headers=KEY)

    assert other.status_code == 422
    assert other.json()["code"] == "idempotency_key_reused"
    assert AccessRequest.objects.count() == 1


def test_a_refusal_is_kept_like_any_answer(as_, bob):
    refused = as_(bob).post("access-requests/", {"roles": []}, headers=KEY)
    again = as_(bob).post("access-requests/", {"roles": []}, headers=KEY)

    assert (refused.status_code, again.status_code) == (400, 400)
    assert again.json()["code"] == "nothing_requested"
    assert again.headers["Content-Type"] == "application/problem+json"


def test_after_a_day_the_key_is_free_again(as_, bob, clock):
    as_(bob).post("access-requests/", {"roles": []}, headers=KEY)
    clock.move(hours=24, seconds=1)

    later = as_(bob).post("access-requests/", DBA, headers=KEY)

    assert later.status_code == 201


def test_the_key_of_somebody_else_means_nothing(as_, bob, alice):
    as_(bob).post("tokens/", {"name": "laptop"}, headers=KEY)

    hers = as_(alice).post("tokens/", {"name": "laptop"}, headers=KEY)

    assert hers.status_code == 201
    assert ApiToken.objects.filter(user=alice, name="laptop").count() == 1


def test_a_kept_answer_holds_no_secret_in_the_clear(as_, bob):
    first = as_(bob).post("tokens/", {"name": "laptop"}, headers=KEY)
    again = as_(bob).post("tokens/", {"name": "laptop"}, headers=KEY)

    secret = first.json()["token"]
    assert again.json()["token"] == secret
    assert secret.encode() not in bytes(KeptAnswer.objects.get().body)
    assert ApiToken.objects.filter(user=bob, name="laptop").count() == 1


def test_without_a_right_to_be_here_nothing_is_kept(as_, bob, client):
    as_(bob).post("access-requests/", DBA, headers=KEY)

    nobody = client.post(
        "/api/v1/access-requests/", DBA, content_type="application/json", headers=KEY
    )

    assert nobody.status_code == 401
    assert KeptAnswer.objects.count() == 1


@pytest.mark.parametrize("key", ["", "x" * 256, "tab\there"])
def test_a_key_that_is_none_is_refused(as_, bob, key):
    answer = as_(bob).post("access-requests/", DBA, headers={"Idempotency-Key": key})

    assert answer.status_code == 400
    assert not AccessRequest.objects.exists()


def test_old_answers_go_with_time(as_, bob, clock):
    as_(bob).post("access-requests/", DBA, headers=KEY)
    clock.move(days=2)

    as_(bob).post("tokens/", {}, headers={"Idempotency-Key": "another"})

    assert [kept.key for kept in KeptAnswer.objects.all()] == ["another"]


def test_a_dry_run_with_a_key_holds_no_transaction_while_functions_judge(
    as_, bob, settings, monkeypatch
):
    settings.ACCESSPLANE_WORKFLOW_CALLABLES = ["tests.policy.functions.allows"]
    cast.apply(
        {
            "kind": "workflow",
            "version": "v1",
            "metadata": {"name": "allows"},
            "spec": {"engine": "python", "callable": "tests.policy.functions.allows"},
        }
    )
    opened = []
    outside = len(connection.savepoint_ids)
    run = processes.run
    monkeypatch.setattr(
        processes,
        "run",
        lambda *args, **kwargs: (
            opened.append(len(connection.savepoint_ids)) or run(*args, **kwargs)
        ),
    )

    first = as_(bob).post("access-requests/", DBA | {"dry_run": True}, headers=KEY)
    again = as_(bob).post("access-requests/", DBA | {"dry_run": True}, headers=KEY)

    assert first.json()["plan"]["checks"][0]["state"] == "PASSED"
    assert opened == [outside]
    assert again.content == first.content
