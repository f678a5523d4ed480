"""Workflow documents: what each field may say, and that no secret is ever told."""

import json
import logging

import pytest
from django.core import serializers
from django.db import connection

from audit.models import AuditEvent
from policy.models import Workflow
from tests.rules.plane import CONSOLE, Plane, address, user, workflow

RAW, OTHER = "whsec_" + "cmF3" * 8, "a secret that nobody may read"
URL = "https://policy.example.com/check"
HOOK = {"engine": "webhook", "url": URL, "secret": RAW}
BOT = {"engine": "bot", "bot": "robo@example.com"}
YES = {"engine": "expression", "expression": "request.reason != ''"}


@pytest.fixture
def desk(plane) -> Plane:
    plane.apply(user("robo", owner="mallory"))
    return plane


def applied(desk: Plane, spec: dict, name: str = "ticket") -> str:
    (document,) = desk.apply(workflow(name, **spec))["documents"]
    assert (document["kind"], document["name"]) == ("workflow", name)
    return document["result"]


def refused(desk: Plane, spec: dict, name: str = "ticket") -> str:
    problem = desk.try_apply(workflow(name, **spec))
    assert problem.status == 400, problem.body
    assert not Workflow.objects.exists()
    assert not AuditEvent.objects.filter(about_kind="workflow").exists()
    return problem.body["detail"]


# --- what is wrong ------------------------------------------------------------------------------

WRONG = [
    ({}, "spec"),
    ({"engine": "magic"}, "spec.engine"),
    ({"engine": None}, "spec.engine"),
    (YES | {"roles": "dba"}, "spec.roles"),
    (YES | {"roles": []}, "spec"),
    (YES | {"roles": ["^(a$"]}, "spec.roles[0]"),
    (YES | {"roles": ["a", "{{external.team}}"]}, "spec.roles[1]"),
    (YES | {"when": "reviewer.roles == []"}, "spec.when"),
    (YES | {"when": "request.nothing"}, "spec.when"),
    (YES | {"when": "review.reason == ''"}, "spec.when"),
    (YES | {"when": 1}, "spec.when"),
    (YES | {"during": {"days": ["mon"]}}, "spec.during"),
    (YES | {"during": [{}, {"from": "8"}]}, "spec.during[1].from"),
    (YES | {"during": [{"timezone": "Mars/Olympus"}]}, "spec.during[0]"),
    (YES | {"active": "yes"}, "spec.active"),
    (YES | {"expression": "contains(request.roles)"}, "spec.expression"),
    ({"engine": "expression"}, "spec"),
    ({"engine": "expression", "expression": "  "}, "spec"),
    (YES | {"callable": "a.b"}, "spec"),
    (YES | {"url": URL}, "spec"),
    (YES | {"bot": "robo@example.com"}, "spec"),
    (YES | {"secret": RAW}, "spec.secret"),
    (YES | {"timeout": "soon"}, "spec.timeout"),
    (YES | {"timeout": "15d"}, "spec.timeout"),
    (YES | {"timeout": 0}, "spec"),
    (YES | {"timeout": 0.5}, "spec"),
    (YES | {"on_failure": "allow"}, "spec.on_failure"),
    (YES | {"on_failure": "abstain"}, "spec"),
    (YES | {"review": True}, "spec"),
    (YES | {"review": "true"}, "spec.review"),
    (YES | {"colour": "red"}, "spec"),
    ({"engine": "bot"}, "spec"),
    ({"engine": "bot", "bot": "nobody@example.com"}, "spec.bot"),
    ({"engine": "bot", "bot": "bob@example.com"}, "spec.bot"),
    ({"engine": "python"}, "spec"),
    ({"engine": "python", "callable": "os.system"}, "spec.callable"),
    ({"engine": "webhook", "secret": RAW}, "spec"),
    (HOOK | {"url": "ftp://policy.example.com"}, "spec.url"),
    (HOOK | {"url": "https://bob:pw@policy.example.com"}, "spec.url"),
    (HOOK | {"url": "policy"}, "spec.url"),
    ({"engine": "webhook", "url": URL}, "spec.secret"),
    (HOOK | {"secret": ""}, "spec.secret"),
    (HOOK | {"secret": "   "}, "spec.secret"),
    (HOOK | {"secret": "whsec_???"}, "spec.secret"),
    (HOOK | {"secret": "whsec_c2hvcnQ="}, "spec.secret"),
    (HOOK | {"secret": "x" * 4097}, "spec.secret"),
    (HOOK | {"secret": "env:"}, "spec.secret"),
    (HOOK | {"secret": "env:TWO WORDS"}, "spec.secret"),
    (HOOK | {"secret": "env:DATABASE_URL"}, "spec.secret"),
    (HOOK | {"secret": "env:ACCESSPLANE_SECRET_KEY"}, "spec.secret"),
    (HOOK | {"secret": [RAW, OTHER, "third"]}, "spec.secret"),
    (HOOK | {"secret": []}, "spec.secret"),
    (HOOK | {"secret": [1]}, "spec.secret"),
    (HOOK | {"secret": {"env": "X"}}, "spec.secret"),
    (HOOK | {"secret": None}, "spec.secret"),
]


@pytest.mark.parametrize(("spec", "path"), WRONG)
def test_what_is_wrong_is_named_with_its_path(desk, spec, path):
    sentence = refused(desk, spec)

    where = sentence.rpartition(" - at ")[2] if " - at " in sentence else "`spec`"
    assert f"`{path}`" in where or path == "spec", sentence
    assert "ticket" in sentence
    for secret in (RAW, OTHER, "whsec_???", "whsec_c2hvcnQ="):
        assert secret not in sentence


@pytest.mark.parametrize(
    "name",
    ["", ".", "..", "-a", "a/b", "a b", "a\n", "ä", "a?b", "a#b", "a%2Fb", "x" * 129, "*"],
)
def test_what_is_no_name(desk, name):
    refused(desk, YES, name)


@pytest.mark.parametrize("name", ["a", "9", "device-and.ticket_2", "A..b", "x" * 128])
def test_what_is_a_name_can_be_called(desk, name):
    assert applied(desk, BOT, name) == "created"
    asked = desk.ask("bob", "dba")
    path = f"access-requests/{asked['id']}/checks/{name}/"
    assert desk.get("robo", path).got()["workflow"] == name
    assert desk.get("root", f"workflows/{name}/").got()["name"] == name


def test_a_function_must_be_one_that_the_operator_named(desk, settings):
    settings.ACCESSPLANE_WORKFLOW_CALLABLES = ["acme.process_request"]

    assert "spec.callable" in refused(desk, {"engine": "python", "callable": "acme.other"})
    assert applied(desk, {"engine": "python", "callable": "acme.process_request"}) == "created"


def test_a_bot_may_come_with_the_workflow_that_names_it(plane):
    spec = BOT | {"bot": "New@Example.com"}

    plane.apply(workflow("ticket", **spec), user("new", owner="mallory"))

    asked = plane.ask("bob", "dba")
    path = f"access-requests/{asked['id']}/checks/ticket/"
    plane.post("new", path, {"verdict": "ALLOW"}).got()


# --- what has changed ---------------------------------------------------------------------------


def test_the_same_document_again_changes_nothing(desk):
    for spec in (BOT, HOOK, YES):
        assert applied(desk, spec, spec["engine"]) == "created"
        assert applied(desk, spec, spec["engine"]) == "unchanged"
    assert desk.told(type="workflow.updated") == []


def test_every_other_field_is_a_change(desk):
    applied(desk, BOT)
    for changed in (
        BOT | {"roles": ["dba"]},
        BOT | {"timeout": "1h"},
        BOT | {"active": False},
        HOOK,
        YES,
    ):
        assert applied(desk, changed) == "updated"
    described = workflow("ticket", **YES)
    described["metadata"]["description"] = "Name a ticket."
    for document in (
        described,
        described | {"metadata": {"name": "ticket", "labels": {"a": "b"}}},
    ):
        assert desk.apply(document)["documents"][0]["result"] == "updated"


def test_a_rotated_secret_is_a_change(desk):
    applied(desk, HOOK)
    for secret in ([OTHER, RAW], [RAW, OTHER], OTHER, "env:POLICY_SECRET"):
        assert applied(desk, HOOK | {"secret": secret}) == "updated"
        assert applied(desk, HOOK | {"secret": secret}) == "unchanged"
    assert len(desk.told(type="workflow.updated")) == 4


def test_a_single_secret_may_stand_in_a_list(desk):
    applied(desk, HOOK)

    assert applied(desk, HOOK | {"secret": [RAW]}) == "unchanged"


def test_a_dry_run_of_apply_stores_nothing(desk):
    from identity import documents
    from identity.services import configuration

    (outcome,) = configuration.apply_documents(
        documents.from_values([workflow("ticket", **HOOK)], source="a test"),
        by=CONSOLE,
        may=configuration.everything,
        at=desk.clock.now(),
        dry_run=True,
    )

    assert outcome.result == "created"
    assert not Workflow.objects.exists()


# --- no secret is ever told ---------------------------------------------------------------------


def test_a_secret_is_nowhere_to_be_read(desk, caplog):
    caplog.set_level(logging.DEBUG)
    answers = [
        desk.apply(workflow("ticket", **HOOK | {"secret": [RAW, OTHER]})),
        desk.apply(workflow("ticket", **HOOK | {"secret": [OTHER, "env:POLICY_SECRET"]})),
        desk.try_apply(workflow("ticket", **HOOK | {"secret": OTHER, "url": "x"})).body,
        desk.get("root", "workflows/").got(),
        desk.get("root", "workflows/ticket/").got(),
        desk.ask("bob", "dba"),
        desk.events(),
    ]

    everything = json.dumps(answers) + caplog.text + _whole_database()
    for secret in (RAW, OTHER):
        assert secret not in everything
    assert desk.get("root", "workflows/ticket/").got()["spec"] == {
        "engine": "webhook",
        "url": URL,
        "secret": ["stored", "env:POLICY_SECRET"],
    }


def test_what_is_sealed_can_be_opened_by_the_plane(desk):
    applied(desk, HOOK | {"secret": [RAW, OTHER]})

    assert Workflow.objects.get().revealed_secrets() == [RAW, OTHER]


def test_the_event_holds_the_document_but_for_the_secret(desk):
    applied(desk, HOOK)

    (created,) = desk.events(type="workflow.created")
    assert created["data"]["spec"] == {"engine": "webhook", "url": URL, "secret": ["stored"]}
    assert created["actor"]["name"] == address("root")


def _whole_database() -> str:
    from django.apps import apps

    rows = [row for model in apps.get_models() for row in model._default_manager.all()]
    assert connection.vendor in {"sqlite", "postgresql"}
    return serializers.serialize("json", rows)
