"""Documents are edited as text, through what `ap apply` calls; what is wrong stands at the field."""

import pytest

from accessplane.lib import secret_texts
from audit.models import AuditEvent
from chatops.models import ChannelConfig, Route
from identity import documents
from identity.admin.roles import role_text
from identity.admin.users import user_text
from identity.models import Role
from identity.services import configuration
from policy.admin import workflow_text
from policy.models import Workflow
from tests import cast
from tests.admin.conftest import SECRET, last_event

WEBHOOK = {
    "kind": "workflow",
    "version": "v1",
    "metadata": {"name": "devices"},
    "spec": {"engine": "webhook", "url": "https://example.com/", "secret": SECRET},
}
TWO_MORE = "---\nkind: role\nversion: v1\nmetadata: {name: another}\n"


def begun(browser, path: str) -> dict[str, str]:
    """What the form of this address begins with."""
    return dict(browser.get(path).context["form"].initial)


def edit(model: str, obj) -> str:
    return f"/admin/{model}/{obj.pk}/do/edit/"


def changed(browser, path: str, old: str, new: str):
    """The answer to the form sent back with this part replaced."""
    form = begun(browser, path)
    assert old in form["document"], form["document"]
    form["document"] = form["document"].replace(old, new)
    return browser.post(path, form)


def apply(*described: dict, at) -> list[str]:
    read = documents.from_values(list(described), source="a test")
    outcomes = configuration.apply_documents(
        read, by=cast.STAGE, may=configuration.everything, at=at
    )
    return [str(one.result) for one in outcomes]


@pytest.mark.parametrize(
    "model",
    [
        "identity/role",
        "identity/user",
        "policy/workflow",
        "chatops/channelconfig",
        "chatops/route",
    ],
)
def test_what_is_shown_and_sent_back_as_it_is_changes_nothing(stage, dana, model):
    path = edit(model, stage.one(model))
    form = begun(dana, path)
    before = AuditEvent.objects.count()

    answer = dana.post(path, form, follow=True)

    assert "The document says what" in str(next(iter(answer.context["messages"])))
    assert AuditEvent.objects.count() == before


def test_every_role_and_user_is_written_as_it_is_read(stage, noon):
    texts = [role_text(one) for one in Role.objects.all()]
    texts += [user_text(one) for one in cast.User.objects.all()]
    read = [document for text in texts for document in documents.from_yaml(text, source="it")]

    outcomes = configuration.apply_documents(
        read, by=cast.STAGE, may=configuration.everything, at=noon
    )

    assert {str(one.result) for one in outcomes} == {"unchanged"}


def test_a_role_is_changed_by_its_document_and_the_log_says_by_whom(stage, dana):
    role = Role.objects.get(name="developer")

    answer = changed(dana, edit("identity/role", role), "approve: 2", "approve: 3")

    assert answer.headers["Location"] == f"/admin/identity/role/{role.pk}/change/"
    role.refresh_from_db()
    assert role.spec["allow"]["request"]["thresholds"][0]["approve"] == 3
    event = last_event("role.updated")
    assert (event.actor_name, event.about_name) == ("dana@example.com", "developer")


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("approve: 2", "approve: -1", "$.allow.request.thresholds[0]"),
        ("approve: 2", "aprove: 2", "Unknown field `aprove`"),
        ("- dba", "- ^(dba$", "`spec.allow.request.roles[0]`"),
        ("spec:", "spec: [", "is no YAML"),
        ("kind: role", "kind: user", "The kind of this document is role"),
        ("name: developer", "name: dba", "The name stays developer"),
        ("spec:", f"{TWO_MORE}spec:", "exactly one document"),
    ],
)
def test_what_is_wrong_stands_at_the_field_and_nothing_is_stored(
    stage, dana, old, new, sentence
):
    role = Role.objects.get(name="developer")
    before = AuditEvent.objects.count(), role.digest

    answer = changed(dana, edit("identity/role", role), old, new)

    assert answer.status_code == 400
    (said,) = answer.context["form"].errors["document"]
    assert sentence.replace("$.", "spec.") in said
    role.refresh_from_db()
    assert (AuditEvent.objects.count(), role.digest) == before
    assert new.split("\n")[-1] in answer.context["form"]["document"].value()


def test_a_new_role_comes_from_a_document(stage, dana):
    form = begun(dana, "/admin/identity/role/do/new/")
    form["document"] = form["document"].replace("the-name-of-the-role", "fresh")

    answer = dana.post("/admin/identity/role/do/new/", form)

    made = Role.objects.get(name="fresh")
    assert answer.headers["Location"] == f"/admin/identity/role/{made.pk}/change/"
    assert last_event("role.created").about_name == "fresh"


@pytest.mark.parametrize("model", ["policy/workflow", "chatops/channelconfig"])
def test_other_kinds_begin_with_a_document_that_is_right(stage, dana, model):
    form = begun(dana, f"/admin/{model}/do/new/")

    (read,) = documents.from_yaml(form["document"], source="it")

    assert read.kind in {"workflow", "channel"}
    assert dana.post(f"/admin/{model}/do/new/", form).status_code == 302


def test_json_is_read_as_well(stage, dana):
    given = '{\n\t"kind": "role", "version": "v1", "metadata": {"name": "from-json"}\n}'

    dana.post("/admin/identity/role/do/new/", {"document": given})

    assert Role.objects.filter(name="from-json").exists()


def test_two_people_do_not_undo_each_other_s_change(stage, dana):
    role = Role.objects.get(name="developer")
    path = edit("identity/role", role)
    form = begun(dana, path)
    cast.apply(cast.role("developer", allow={"request": {"roles": ["dba", "staging-db"]}}))
    before = AuditEvent.objects.count()

    form["document"] = form["document"].replace("approve: 2", "approve: 1")
    answer = dana.post(path, form, follow=True)

    assert "Somebody changed this" in str(next(iter(answer.context["messages"])))
    role.refresh_from_db()
    assert role.spec == {"allow": {"request": {"roles": ["dba", "staging-db"]}}}
    assert AuditEvent.objects.count() == before


def test_who_may_update_roles_alone_edits_and_makes_none(stage, signed_in):
    rules = [{"resources": ["role"], "verbs": ["read", "update"]}]
    cast.apply(
        cast.role("edits-roles", allow={"rules": rules}),
        cast.person("editor", roles=["edits-roles"]),
    )
    browser = signed_in("editor")
    role = Role.objects.get(name="dba")

    assert changed(browser, edit("identity/role", role), "- dba", "- dbo").status_code == 302
    assert browser.get("/admin/identity/role/do/new/").status_code == 403
    given = "kind: role\nversion: v1\nmetadata: {name: sneaked-in}\n"
    path = "/admin/identity/role/do/new/"
    assert browser.post(path, {"document": given}).status_code == 403
    assert not Role.objects.filter(name="sneaked-in").exists()


# --- secrets ------------------------------------------------------------------------------------


def sealed(stage) -> ChannelConfig:
    return ChannelConfig.objects.get(name="hook")


def test_no_page_shows_a_secret(stage, dana, noon):
    apply(WEBHOOK, at=noon)
    workflow = Workflow.objects.get(name="devices")
    channel = sealed(stage)
    kept = (SECRET, channel.settings["secret"], workflow.secrets[0], stage.token.digest)
    bob = cast.called("bob")
    bob.set_password("correct horse")
    bob.save()

    for path in (
        f"/admin/chatops/channelconfig/{channel.pk}/change/",
        edit("chatops/channelconfig", channel),
        "/admin/chatops/channelconfig/",
        f"/admin/policy/workflow/{workflow.pk}/change/",
        edit("policy/workflow", workflow),
        f"/admin/identity/apitoken/{stage.token.pk}/change/",
        f"/admin/identity/user/{bob.pk}/change/",
        edit("identity/user", bob),
    ):
        page = dana.get(path).content.decode()
        assert not [one for one in (*kept, bob.password) if one in page], path


def test_a_channel_is_switched_off_and_keeps_its_secret(stage, dana):
    channel = sealed(stage)

    answer = changed(
        dana, edit("chatops/channelconfig", channel), "active: true", "active: false"
    )

    assert answer.status_code == 302
    after = sealed(stage)
    assert not after.is_active
    purpose = f"channel:{channel.pk}"
    assert secret_texts.revealed(after.settings["secret"], purpose=purpose) == SECRET


def test_a_channel_that_keeps_its_secret_cannot_be_led_elsewhere(stage, dana):
    channel = sealed(stage)
    before = AuditEvent.objects.count(), dict(channel.settings)

    answer = changed(
        dana,
        edit("chatops/channelconfig", channel),
        "http://127.0.0.1:9/",
        "http://127.0.0.1:10/",
    )

    (said,) = answer.context["form"].errors["document"]
    assert "write it out" in said
    assert "`spec.settings.secret`" in said
    assert (AuditEvent.objects.count(), sealed(stage).settings) == before


def test_stored_is_no_secret_of_a_new_channel(stage, dana):
    form = begun(dana, "/admin/chatops/channelconfig/do/new/")
    form["document"] = form["document"].replace("env:NAME_OF_A_VARIABLE", "stored")

    answer = dana.post("/admin/chatops/channelconfig/do/new/", form)

    assert answer.status_code == 400
    assert ChannelConfig.objects.count() == 1


def test_a_workflow_keeps_its_secret_at_its_address_alone(stage, dana, noon):
    apply(WEBHOOK, at=noon)
    workflow = Workflow.objects.get(name="devices")
    path = edit("policy/workflow", workflow)

    kept = changed(dana, path, "engine: webhook", "engine: webhook\n  timeout: 1m")
    led_away = changed(dana, path, "https://example.com/", "https://example.org/")

    assert (kept.status_code, led_away.status_code) == (302, 400)
    workflow.refresh_from_db()
    assert workflow.spec["url"] == "https://example.com/"
    assert workflow.spec["timeout"] == "1m"
    assert workflow.revealed_secrets() == [SECRET]
    assert "stored" in workflow_text(workflow)


def test_a_route_is_edited_too(stage, dana):
    route = Route.objects.get()

    answer = changed(dana, edit("chatops/route", route), "active: true", "active: false")

    assert answer.status_code == 302
    assert not Route.objects.get().is_active
    assert last_event("route.archived").actor_name == "dana@example.com"
