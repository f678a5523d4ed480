"""Workflows of the engine `on_call` as documents."""

import pytest

from accessplane.lib.errors import InvalidInput
from policy import sentences
from policy.models import Workflow
from policy.workflow_spec import parse_workflow
from tests import cast
from tests.chatops.conftest import channel
from tests.chatops.pagerduty_door import pagerduty_channel

pytestmark = pytest.mark.django_db
GOOD = {"engine": "on_call", "channel": "pagerduty", "schedules": ["Payments primary"]}


def workflow(**spec) -> dict:
    return {"kind": "workflow", "version": "v1", "metadata": {"name": "rota"}, "spec": spec}


@pytest.fixture
def channels(everybody, pager):
    cast.apply(pagerduty_channel(pager), channel("hook", "https://hook.example.com"))


@pytest.mark.parametrize(
    ("spec", "said"),
    [
        (GOOD | {"channel": ""}, "the engine on_call needs `channel`"),
        (GOOD | {"channel": "nowhere"}, "no channel named 'nowhere' - at `spec.channel`"),
        (GOOD | {"channel": "hook"}, "type webhook does not know who is on call"),
        (GOOD | {"schedules": []}, "needs `schedules` or `escalation_policies`"),
        (GOOD | {"schedules_from": "rota"}, "or else `schedules_from`"),
        (GOOD | {"schedules": "Payments"}, "spec.schedules"),
        (GOOD | {"schedules": [""]}, "spec.schedules[0]"),
        (GOOD | {"schedules": ["x" * 255]}, "spec.schedules[0]"),
        (GOOD | {"schedules": ["x"] * 21}, "spec.schedules"),
        (GOOD | {"levels": 1}, "`levels` is for `escalation_policies`"),
        (GOOD | {"escalation_policies": ["a"], "levels": 0}, "spec.levels"),
        (GOOD | {"url": "https://x.example"}, "`url` is for the engine webhook"),
        (GOOD | {"secret": "a secret"}, "A secret is for the engine webhook"),
        (GOOD | {"bot": "robot@example.com"}, "`bot` is who"),
        (GOOD | {"review": True}, "names the `bot`"),
        (GOOD | {"on_failure": "abstain"}, "may abstain"),
        ({"engine": "expression", "expression": "true", "channel": "x"}, "for the engine on_call"),
        ({"engine": "expression", "expression": "true", "levels": 2}, "for the engine on_call"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_refused(channels, spec, said):
    with pytest.raises(InvalidInput) as refusal:
        cast.apply(workflow(**spec))

    assert said in refusal.value.detail
    assert not Workflow.objects.exists()


def test_the_channel_may_come_after_it_in_the_same_call(everybody, pager):
    cast.apply(workflow(**GOOD), pagerduty_channel(pager))

    assert Workflow.objects.get().spec == GOOD


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        ({"schedules": ["A"]}, "for A"),
        ({"schedules": ["A"], "escalation_policies": ["B", "C"]}, "for A, B or C"),
        (
            {"schedules_from": "rota"},
            "by a schedule that the annotation rota of the request names",
        ),
    ],
)
def test_it_is_told_in_words(spec, words):
    spec = parse_workflow({"engine": "on_call", "channel": "pagerduty"} | spec)

    assert sentences.asking(spec) == (
        f"Whether the requester is on call {words} is asked through pagerduty."
    )
