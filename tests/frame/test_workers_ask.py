"""A workflow of the operator's, asked by the worker of a real plane."""

import http.client
import json
import time
from contextlib import closing
from functools import partial

import pytest

from tests.prepared import enter
from tests.rules.plane import role, user, workflow

FUNCTION = "tests.policy.functions.denies"
PATIENCE = 20


@pytest.fixture
def as_bob(start, tmp_path):
    """A call of bob's, on a plane whose requests are judged by a function."""
    plane = start(ACCESSPLANE_WORKFLOW_CALLABLES=FUNCTION)
    documents = [
        role("dba"),
        role("developer", request=["dba"]),
        user("bob", "developer"),
        workflow("ticket", engine="python", callable=FUNCTION),
    ]
    file = tmp_path / "documents.yaml"
    file.write_text("---\n".join(json.dumps(document) + "\n" for document in documents))
    token = enter(tmp_path, file, ACCESSPLANE_WORKFLOW_CALLABLES=FUNCTION)["bob"]
    return partial(call, plane.port, token)


def call(port, token, method, path, body=None):
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=10)) as connection:
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        connection.request(method, f"/api/v1/{path}", body and json.dumps(body), headers)
        return json.loads(connection.getresponse().read())


def test_a_new_request_is_judged_without_anybody_waiting_for_it(as_bob):
    asked = as_bob("POST", "access-requests/", {"roles": ["dba"]})
    assert (asked["state"], asked["checks"][0]["state"]) == ("PENDING", "PENDING")

    until = time.monotonic() + PATIENCE
    while asked["state"] == "PENDING" and time.monotonic() < until:
        time.sleep(0.1)  # a real worker keeps a real clock
        asked = as_bob("GET", f"access-requests/{asked['id']}/")

    assert (asked["state"], asked["checks"][0]["state"]) == ("DENIED", "FAILED")
    assert asked["resolve_reason"] == "bob@example.com needs a ticket"
