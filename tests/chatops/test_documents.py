"""The documents of channels and routes: what they may say, and that no secret is shown again."""

import json

import pytest
from django.utils import timezone

from accessplane.lib import secret_texts
from accessplane.lib.errors import InvalidInput
from accessplane.lib.expressions import InvalidExpression
from audit.models import AuditEvent
from chatops.channels import registry
from chatops.models import ChannelConfig, Route
from identity import documents
from identity.services import configuration
from tests import cast
from tests.cast import STAGE
from tests.chatops.conftest import SECRET, channel, route

pytestmark = pytest.mark.django_db

TYPES = ", ".join(registry.names())
URL = "https://hooks.example.com/in"
OLD = "whsec_" + "b2xkb2xkb2xkb2xkb2xkb2xkb2xkb2xk"


def apply(*described: dict, dry_run=False, may=configuration.everything) -> list[str]:
    outcomes = configuration.apply_documents(
        documents.from_values(list(described), source="hooks.yaml"),
        by=STAGE,
        may=may,
        at=timezone.now(),
        dry_run=dry_run,
    )
    return [str(outcome.result) for outcome in outcomes]


def refusal(*described: dict) -> InvalidInput:
    """The refusal; nothing is left of what was applied with it."""
    before = ChannelConfig.objects.count(), Route.objects.count(), AuditEvent.objects.count()
    with pytest.raises(InvalidInput) as caught:
        apply(*described)
    after = ChannelConfig.objects.count(), Route.objects.count(), AuditEvent.objects.count()
    assert after == before
    return caught.value


def told() -> list[tuple[str, dict]]:
    events = AuditEvent.objects.filter(about_kind__in=["channel", "route"]).order_by("pk")
    return [(event.type, event.data) for event in events]


# --- channels -----------------------------------------------------------------------------------


def test_a_channel_is_created_then_unchanged_then_updated_then_archived():
    document = channel("hook", URL)

    assert apply(document) == ["created"]
    assert apply(document) == ["unchanged"]
    assert apply(channel("hook", f"{URL}/2")) == ["updated"]
    assert apply(channel("hook", f"{URL}/2", active=False)) == ["updated"]
    assert apply(channel("hook", f"{URL}/2")) == ["updated"]

    shown = {"type": "webhook", "settings": {"url": URL, "secret": "stored"}, "active": True}
    moved = shown | {"settings": {"url": f"{URL}/2", "secret": "stored"}}
    assert told() == [
        ("channel.created", {"spec": shown}),
        ("channel.updated", {"spec": moved, "changed": ["settings"]}),
        ("channel.archived", {"spec": moved | {"active": False}}),
        ("channel.updated", {"spec": moved, "changed": ["active"]}),
    ]


def test_a_dry_run_of_apply_stores_nothing():
    assert apply(channel("hook", URL), route("r", "hook"), dry_run=True) == ["created"] * 2
    assert not ChannelConfig.objects.exists()
    assert told() == []


def test_a_secret_is_sealed_and_stands_nowhere_in_plain_text():
    apply(channel("hook", URL, [SECRET, "env:NEXT_SECRET"]))

    kept = ChannelConfig.objects.get()
    first, second = kept.settings["secret"]
    assert SECRET not in json.dumps(kept.settings)
    assert second == "env:NEXT_SECRET"
    assert secret_texts.revealed(first, purpose=f"channel:{kept.pk}") == SECRET
    assert SECRET not in json.dumps(list(AuditEvent.objects.values_list("data", flat=True)))


@pytest.mark.parametrize(
    ("before", "after", "result"),
    [
        (SECRET, SECRET, "unchanged"),
        (SECRET, OLD, "updated"),
        (SECRET, "env:A", "updated"),
        ("env:A", "env:A", "unchanged"),
        ("env:A", "env:B", "updated"),
        (SECRET, [SECRET], "updated"),
        ([SECRET, OLD], [SECRET, OLD], "unchanged"),
        ([SECRET, OLD], [OLD, SECRET], "updated"),
        ([SECRET, OLD], [SECRET], "updated"),
        ([SECRET, OLD], SECRET, "updated"),
    ],
)
def test_the_same_secret_is_no_change(before, after, result):
    apply(channel("hook", URL, before))

    assert apply(channel("hook", URL, after)) == [result]


@pytest.mark.parametrize(
    ("spec", "said"),
    [
        ({}, f"'None' is no type of channel; there are {TYPES} - at `spec.type`"),
        ({"type": "raven"}, f"'raven' is no type of channel; there are {TYPES}"),
        ({"type": ["webhook"]}, "is no type of channel"),
        ({"type": "webhook"}, "`settings`"),
        ({"type": "webhook", "settings": {"url": URL}}, "`secret` - at `spec.settings`"),
        (
            {"settings": {"url": URL, "secret": "x", "token": "x"}},
            "`token` - at `spec.settings`",
        ),
        ({"settings": {"url": 1, "secret": "x"}}, "`spec.settings.url`"),
        ({"settings": {"url": "ftp://a/", "secret": "x"}}, "`spec.settings`"),
        ({"settings": {"url": "https://bob:pw@a/", "secret": "x"}}, "no user name"),
        ({"settings": {"url": URL, "secret": ""}}, "`spec.settings`"),
        ({"settings": {"url": URL, "secret": []}}, "1 to 2 secrets"),
        ({"settings": {"url": URL, "secret": ["a", "b", "c"]}}, "1 to 2 secrets"),
        ({"settings": {"url": URL, "secret": "whsec_short"}}, "goes on in base64"),
        ({"settings": {"url": URL, "secret": "env:DATABASE_URL"}}, "belongs to the plane"),
        ({"settings": {"url": URL, "secret": "x"}, "colour": "red"}, "Unknown field `colour`"),
    ],
)
def test_a_wrong_channel_names_document_and_path(db, spec, said):
    document = channel("hook", URL)
    document["spec"] = spec if "type" in spec or not spec else {"type": "webhook"} | spec

    refused = refusal(channel("good", URL), document)

    assert refused.detail.startswith("hooks.yaml, document 2 (channel hook): ")
    assert said in refused.detail


@pytest.mark.parametrize("name", ["", " hook", "a/b", "a\nb", "x" * 129])
def test_a_wrong_name_is_refused(name):
    assert "is no name" in refusal(channel(name, URL)).detail


# --- routes -------------------------------------------------------------------------------------


def test_a_route_may_name_a_channel_of_the_same_call_in_any_order():
    assert apply(route("r", "hook"), channel("hook", URL)) == ["created", "created"]


def test_a_route_is_created_then_unchanged_then_updated_then_archived():
    apply(channel("hook", URL), channel("other", URL))
    first = {"roles": ["db*"], "when": 'request.reason != ""', "events": ["grant.*"]}

    assert apply(route("r", "hook", **first)) == ["created"]
    assert apply(route("r", "hook", **first)) == ["unchanged"]
    assert apply(route("r", "other", **first)) == ["updated"]
    assert apply(route("r", "other", **first, active=False)) == ["updated"]

    events = [(name, data) for name, data in told() if name.startswith("route")]
    spec = first | {
        "channel": "hook",
        "recipients": [],
        "after": None,
        "remind": None,
        "quiet": [],
        "active": True,
    }
    assert events == [
        ("route.created", {"spec": spec}),
        ("route.updated", {"spec": spec | {"channel": "other"}, "changed": ["channel"]}),
        ("route.archived", {"spec": spec | {"channel": "other", "active": False}}),
    ]


@pytest.mark.parametrize(
    ("spec", "said"),
    [
        ({"channel": "nowhere"}, "There is no channel named 'nowhere'."),
        ({"roles": ["^a(b$"]}, "`spec.roles[0]`"),
        ({"roles": ["{{internal.roles}}"]}, "`spec.roles[0]`"),
        ({"when": "nonsense("}, "`spec.when`"),
        ({"when": 'contains(reviewer.roles, "a")'}, "`spec.when`"),
        ({"events": ["grant.*", "acces_request.*"]}, "`spec.events[1]`"),
        ({"recipients": ["#security"]}, "has no recipients"),
        ({"recipients": [" "]}, "`spec.recipients[0]`"),
        ({"after": "59s"}, "a minute and at most 7 days. - at `spec.after`"),
        ({"after": "7d1s"}, "`spec.after`"),
        ({"after": "soon"}, "`spec.after`"),
        ({"after": 60}, "`spec.after`"),
        ({"after": "30m", "events": ["access_request.*"]}, "`spec.events`"),
        ({"remind": "8d"}, "`spec.remind`"),
        ({"remind": "4h", "events": ["grant.*"]}, "`spec.events`"),
        ({"quiet": [{}]}, "All the week is quiet - at `spec.quiet`"),
        ({"quiet": [{"from": "22:00"}, {"from": "8:00"}]}, "`spec.quiet[1].from`"),
        ({"quiet": [{"timezone": "Mars/Olympus"}]}, "`spec.quiet[0]"),
        ({"role": ["a"]}, "Unknown field `role`"),
    ],
)
def test_a_wrong_route_names_document_and_path(spec, said):
    apply(channel("hook", URL))

    refused = refusal(route("r", "hook", **spec))

    assert refused.detail.startswith("hooks.yaml, document 1 (route r): ")
    assert said in refused.detail


def test_a_wrong_condition_keeps_its_code():
    apply(channel("hook", URL))

    assert isinstance(refusal(route("r", "hook", when="nonsense")), InvalidExpression)


# --- who may ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("resource", "verbs", "status"),
    [
        ("channel", ["create"], 200),
        ("channel", ["read", "list", "update"], 403),
        ("route", ["create"], 403),
        ("*", ["*"], 200),
    ],
)
def test_applying_a_channel_needs_the_verb(as_, mallory, resource, verbs, status):
    rules = [{"resources": [resource], "verbs": verbs}]
    cast.apply(
        cast.role("keeper", allow={"rules": rules}), cast.person("mallory", roles=["keeper"])
    )

    answer = as_(mallory).post("apply/", [channel("hook", URL)])

    assert answer.status_code == status
    assert ChannelConfig.objects.exists() is (status == 200)
