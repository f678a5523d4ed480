"""What a workflow is shown of a request."""

import json
from datetime import timedelta

from tests.cast import NOON
from tests.policy.questions import REQUEST_ID, facts


def test_the_document_is_json():
    document = facts(
        start_time=NOON + timedelta(hours=1), extends=REQUEST_ID, duration=timedelta(minutes=90)
    ).document()

    assert json.loads(json.dumps(document)) == document
    assert document["request"]["start_time"] == "2026-03-02T13:00:00.000000Z"
    assert document["request"]["extends"] == str(REQUEST_ID)
    assert document["request"]["duration_seconds"] == 5400


def test_a_request_that_nobody_made_has_no_id():
    assert facts(request_id=None).document()["request"]["id"] is None


def test_a_condition_sees_the_request_and_the_requester():
    named = facts().named()

    assert list(named["request.roles"]) == ["dba"]
    assert named["requester.traits"] == {"team": ["payments"]}
    assert not any(name.startswith("reviewer") for name in named)
