"""Whom `ap mcp` lets in, and how it is started."""

import re
from functools import partial

import httpx
import pytest
from django.utils import timezone

from accessplane.lib.actors import console
from identity import documents
from identity.services import configuration
from requests_app.models import AccessRequest
from tests.clients import agents, demo

pytestmark = pytest.mark.django_db(transaction=True)

WHY = "ticket #123: find the slow query"
HELLO = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
NOBODYS = "9c721e54-b049-4ef8-a7f6-c777aa066764"


# --- who is let in ------------------------------------------------------------------------------


def test_over_stdio_a_person_is_refused_and_told_how_to_make_a_bot(terminal):
    secret = demo.token_of("bob")

    said = terminal(token=secret)("ap mcp")

    assert (said.code, said.out) == (1, "")
    assert "belongs to bob@example.com, who is no bot" in said.err
    for needed in ("kind: user", "bot: true", "owner: bob@example.com", "create_token"):
        assert needed in said.err
    assert secret not in said.all


@pytest.mark.parametrize(
    ("login", "why"), [({}, "ap login"), ({"token": "ap_wrong"}, "This token is unknown")]
)
def test_over_stdio_nobody_in_particular_is_refused(terminal, login, why):
    said = terminal(**login)("ap mcp")

    assert (said.code, said.out) == (1, "")
    assert why in said.err
    assert "ap_wrong" not in said.all


def test_a_token_is_not_written_anywhere(terminal):
    secret = demo.token_of("scout")
    typed = terminal(token=secret)
    with agents.over_stdio(typed) as scout:
        scout.does("list_my_access")
        scout.is_refused("show_request", request_id=NOBODYS)

    assert secret not in (typed.home / "stderr").read_text()


def calling(server, token=None, **headers):
    """A bare call, as no MCP client would make it."""
    accepted = {"Accept": "application/json, text/event-stream"}
    presented = {"Authorization": f"Bearer {token}"} if token else {}
    return httpx.post(server, json=HELLO, headers=accepted | presented | headers)


def test_over_http_every_call_says_who_makes_it(server):
    nobody = calling(server)
    unknown = calling(server, "ap_wrong")
    basic = calling(server, Authorization="Basic c2NvdXQ6c2VjcmV0")
    person = calling(server, demo.token_of("bob"))
    revoked = calling(server, demo.token_of("scout", revoked_at=timezone.now()))
    scout = calling(server, demo.token_of("scout"))

    for refused in (nobody, unknown, basic, revoked):
        assert refused.status_code == 401
        assert refused.headers["WWW-Authenticate"].startswith("Bearer")
        assert refused.json()["error"] == "not_authenticated"
    assert person.status_code == 403
    assert person.json()["error"] == "not_a_bot"
    assert "bot: true" in person.json()["error_description"]
    assert scout.status_code == 200
    assert '"request_access"' in scout.text


@pytest.mark.parametrize("path", ["/", "/healthz", "/.well-known/oauth-protected-resource"])
def test_nothing_else_is_served(server, path):
    address = server.removesuffix("/mcp") + path

    assert httpx.get(address).status_code == 401
    assert calling(address, demo.token_of("scout")).status_code == 404


@pytest.mark.parametrize(
    ("header", "status"),
    [
        ({"Host": "evil.example.com"}, 421),
        ({"Host": "evil.example.com:80"}, 421),
        ({"Host": "localhost:1"}, 421),
        ({"Origin": "https://evil.example.com"}, 403),
        ({"Origin": "http://localhost:1"}, 403),
        ({"Origin": "null"}, 403),
    ],
)
def test_a_page_of_somebody_else_is_kept_out_before_its_token_is_tried(server, header, status):
    kept_out = calling(server, demo.token_of("scout"), **header)
    without = calling(server, **header)

    assert kept_out.status_code == without.status_code == status
    assert "request_access" not in kept_out.text


def test_a_page_of_our_own_address_is_let_in(server):
    origin = server.removesuffix("/mcp")

    assert calling(server, demo.token_of("scout"), Origin=origin).status_code == 200


def test_the_server_has_no_authority_of_its_own(plane, terminal):
    """A token around it is never used, not even a bot's."""
    typed = terminal(token=demo.token_of("scout"))
    said = typed.begin("ap mcp --http --port 0").said("err", "Agents reach")

    refused = calling(re.search(r"http://127[^ ]+", said)[0])

    assert refused.status_code == 401


def test_two_agents_at_one_server_are_two(server):
    ask = partial(agents.over_http, server)
    with ask(demo.token_of("scout")) as scout:
        configured = {**agents.BOT, "metadata": {"name": "rover@example.com"}}
        configuration.apply_documents(
            documents.from_values([configured], source="another bot"),
            by=console("tests"),
            may=configuration.everything,
            at=timezone.now(),
        )
        with ask(demo.token_of("rover")) as rover:
            mine = scout.does("request_access", roles=["dba"], reason=WHY)
            refused = rover.is_refused("cancel_request", request_id=mine["id"])
            names = [each.does("list_my_access")["user"] for each in (scout, rover)]

    assert "not_found: " in refused
    assert names == ["scout@example.com", "rover@example.com"]
    assert AccessRequest.objects.get().state_at(timezone.now()) == "PENDING"


# --- how it is started --------------------------------------------------------------------------


def test_whoever_listens_everywhere_says_by_which_name(terminal):
    said = terminal().begin("ap mcp --http --host 0.0.0.0 --port 0").end()

    assert said.code == 1
    assert "--allowed-host" in said.err


def test_whoever_listens_beyond_this_machine_hears_that_it_is_not_encrypted(terminal):
    begun = terminal().begin(
        "ap mcp --http --host 0.0.0.0 --port 0 --allowed-host mcp.example.com"
    )

    assert "Agents reach" in begun.said("err", "Agents reach")
    assert "put TLS in front" in begun.said("err", "not encrypted")


def test_a_port_that_is_taken_is_an_error_with_a_sentence(terminal, server):
    port = re.search(r":(\d+)/", server)[1]

    said = terminal()(f"ap mcp --http --port {port}")

    assert said.code == 1
    assert f"port {port}" in said.err
