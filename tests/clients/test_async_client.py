"""`AsyncPlane` says what `Plane` says, and reads the same."""

import asyncio
import inspect

import httpx
import pytest
from accessplane_client import AsyncPlane, Plane, PlaneError, wire

from tests.clients.conftest import URL

ID = "9c721e54-b049-4ef8-a7f6-c777aa066764"


def public(kind):
    return {name for name in vars(kind) if not name.startswith("_")}


@pytest.fixture
def awaited(canned, monkeypatch):
    """What a coroutine function gives that is called with an AsyncPlane."""
    slept = []

    async def pause(seconds):
        slept.append(seconds)

    monkeypatch.setattr(wire, "pause_async", pause)

    def run(story):
        async def play():
            transport = httpx.MockTransport(canned)
            async with AsyncPlane(URL, "ap_bob", transport=transport) as plane:
                return await story(plane)

        return asyncio.run(play())

    run.slept = slept
    return run


def test_both_planes_have_the_same_methods_with_the_same_arguments():
    assert public(Plane) == public(AsyncPlane)
    for name in public(Plane) - {"run", "url", "from_env"}:
        arguments = [
            inspect.signature(getattr(kind, name)).parameters for kind in (Plane, AsyncPlane)
        ]
        assert arguments[0] == arguments[1], name


def test_every_method_says_what_it_takes():
    assert str(inspect.signature(Plane.grant)).startswith("(self, /, grant_id: ")
    assert "without making it" in Plane.plan_request.__doc__


def test_a_call_carries_the_token(awaited, canned):
    canned.answers({"email": "bob@example.com"})

    me = awaited(lambda plane: plane.me())

    assert me.email == "bob@example.com"
    assert canned.calls[0].headers["Authorization"] == "Bearer ap_bob"


def test_a_post_whose_connection_breaks_is_sent_again_under_the_same_key(
    awaited, canned, pending
):
    canned.fails(httpx.RemoteProtocolError("Out of order"))
    canned.refuses(503, "busy", **{"Retry-After": "7"})
    canned.answers(pending, 201)

    awaited(lambda plane: plane.create_request(["dba"], reason="ticket #123"))

    assert len({call.headers["Idempotency-Key"] for call in canned.calls}) == 1
    assert canned.last_body == {"roles": ["dba"], "reason": "ticket #123"}
    assert awaited.slept[1] == 7.0


def test_a_refusal_is_final(awaited, canned):
    canned.refuses(403, "own_request", "Not your own.")

    with pytest.raises(PlaneError) as refused:
        awaited(lambda plane: plane.review(ID, "APPROVE"))

    assert refused.value.code == "own_request"
    assert len(canned.calls) == 1


def test_pages_are_read_as_far_as_they_are_wanted(awaited, canned, pending):
    canned.answers({"next": f"{URL}/?cursor=abc", "results": [pending, pending]})
    canned.answers({"next": None, "results": [pending]})

    async def story(plane):
        return [request.id async for request in plane.requests(state="PENDING")]

    assert len(awaited(story)) == 3
    assert canned.paths[1].endswith("?state=PENDING&limit=200&cursor=abc")


def test_an_extension_is_two_calls(awaited, canned, pending):
    canned.answers({"id": ID, "role": "dba", "state": "ACTIVE"})
    canned.answers(pending, 201)

    awaited(lambda plane: plane.extend(ID, duration="2h"))

    assert canned.last_body == {"roles": ["dba"], "duration": "2h", "extends": ID}


def test_a_decision_is_waited_for_over_an_outage(awaited, canned, pending, approved):
    none = {"next": None, "results": []}
    canned.answers(none)
    canned.answers(pending)
    for _ in range(4):
        canned.fails(httpx.ConnectError("Out of order"))
    canned.answers(none | {"results": [{"sequence": 6, "type": "access_request.approved"}]})
    canned.answers(approved)
    seen = []

    async def story(plane):
        return await plane.wait_for_decision(pending["id"], on_change=seen.append)

    assert awaited(story).is_approved
    assert [each.state for each in seen] == ["APPROVED"]
    assert awaited.slept[-1] == 2.0


def test_the_check_of_a_workflow_is_read_and_reported(client, canned, pending):
    canned.answers({"workflow": "a/b", "state": "PENDING", "facts": {"request": {}}})
    canned.answers(pending)

    check = client.check(ID, "a/b")
    client.report(ID, "a/b", "DENY", reason="No ticket.", annotations={})

    assert check.is_pending
    assert canned.paths == [
        f"{method} /api/v1/access-requests/{ID}/checks/a%2Fb/" for method in ("GET", "POST")
    ]
    assert canned.last_body == {"verdict": "DENY", "reason": "No ticket."}
