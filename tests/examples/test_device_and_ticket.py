"""One workflow in Python, as a function, in TypeScript and in shell: the same decisions."""

import json
import sys
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import httpx
import pytest

from accessplane.lib import signing
from tests.examples.programs import WORKFLOWS, Program, needs
from tests.examples.stage import SECRET

pytestmark = pytest.mark.embedded

NO_TICKET = "provide an active JIRA ticket"
NO_DEVICE = "use registered computer for privileged access"
FACTS = json.dumps(
    {
        "workflow": "device-and-ticket",
        "request": {"id": "0199", "user": "bob@example.com", "roles": ["dba"], "reason": ""},
        "requester": {"user": "bob@example.com", "roles": [], "traits": {"team": ["payments"]}},
    }
)
NEEDS_NODE, NEEDS_SHELL = needs("node", "npm"), needs("bash", "curl", "jq")


# --- the four ways ------------------------------------------------------------------------------


def python_bot(stage, state):
    """The program of `python/`, which keeps its place in the file `state`."""
    command = (sys.executable, WORKFLOWS / "python" / "device_and_ticket.py")
    login = stage.login("gatekeeper") | {"ACCESSPLANE_STATE": str(state)}
    return Program(*command, environment=login)


def shell_bot(stage, place):
    """The script of `shell/`, which keeps its place in the file `place`."""
    login = stage.login("gatekeeper") | {"PLACE_FILE": str(place)}
    return Program(WORKFLOWS / "shell" / "device-and-ticket.sh", environment=login)


@contextmanager
def in_python(stage, tmp_path, request):
    stage.apply(WORKFLOWS / "python" / "bot.yaml")
    with python_bot(stage, tmp_path / "place"):
        yield


@contextmanager
def as_function(stage, tmp_path, request):
    stage.apply(WORKFLOWS / "python" / "function.yaml")
    yield


@contextmanager
def in_typescript(stage, tmp_path, request):
    with typescript_server(stage, request.getfixturevalue("built_typescript")) as address:
        stage.apply(WORKFLOWS / "typescript" / "workflow.yaml", url=address)
        yield


@contextmanager
def in_shell(stage, tmp_path, request):
    stage.apply(WORKFLOWS / "shell" / "workflow.yaml")
    with shell_bot(stage, tmp_path / "kept" / "place"):
        yield


@contextmanager
def typescript_server(stage, folder):
    """The address of the server of `typescript/`, started as its page says."""
    environment = stage.services | {"POLICY_WEBHOOK_SECRET": SECRET, "PORT": "0"}
    with Program("npm", "start", cwd=folder, environment=environment) as program:
        yield program.says(r"may ask at (http://\S+)")[1]


WAYS = [
    pytest.param(in_python, id="python"),
    pytest.param(as_function, id="function"),
    pytest.param(in_typescript, id="typescript", marks=NEEDS_NODE),
    pytest.param(in_shell, id="shell", marks=NEEDS_SHELL),
]


@pytest.fixture(params=WAYS)
def at_work(request, stage, tmp_path):
    """The workflow is configured, and whatever judges it runs."""
    with request.param(stage, tmp_path, request):
        yield


# --- what each of them decides ------------------------------------------------------------------


def carol_asks(stage, reason):
    return stage.as_("carol").create_request(["staging-web"], reason=reason)


def contractor_asks(stage, reason):
    """A contractor of whom nobody heard before asks for staging-web."""
    name = f"contractor-{uuid4().hex}@example.com"
    spec = {
        "display_name": "One of many",
        "roles": ["contractor"],
        "traits": {"team": ["contractor"]},
    }
    user = {"kind": "user", "version": "v1", "metadata": {"name": name}, "spec": spec}
    stage.as_("dana").apply([user])
    return stage.as_("dana").create_request(["staging-web"], reason=reason, for_user=name)


def frank_asks(stage):
    return stage.as_("frank").create_request(["admin"], reason="a new cluster")


def test_who_is_turned_down_and_who_goes_on_to_the_reviewers(stage, at_work):
    stage.ticket("OPS-7", "open")
    stage.ticket("OPS-7", "close")
    without = stage.judged(carol_asks(stage, "ticket #404"))
    closed = stage.judged(carol_asks(stage, "ticket #7"))
    unregistered = stage.judged(frank_asks(stage))

    assert (without.state, without.resolve_reason) == ("DENIED", NO_TICKET)
    assert (closed.state, closed.resolve_reason) == ("DENIED", NO_TICKET)
    assert (unregistered.state, unregistered.resolve_reason) == ("DENIED", NO_DEVICE)
    assert [without.grants, closed.grants, unregistered.grants] == [(), (), ()]
    assert stage.verdicts(unregistered) == [("DENY", NO_DEVICE)]

    stage.ticket("OPS-123", "open")
    stage.register("frank@example.com", "C02X")
    carols = stage.judged(carol_asks(stage, "ticket #123"))
    franks = stage.judged(frank_asks(stage))
    stage.unregister("C02X")

    for asked, name, role, reviewer in [
        (carols, "carol", "staging-web", "bob"),
        (franks, "frank", "admin", "grace"),
    ]:
        assert (asked.state, [check.state for check in asked.checks]) == ("PENDING", ["PASSED"])
        assert not stage.holds(name, role)
        stage.as_(reviewer).review(asked.id, "APPROVE", reason="granted.")
        assert stage.as_(name).request(asked.id).is_approved
        assert stage.holds(name, role)
        assert stage.verdicts(asked) == [("ALLOW", "")]


def test_others_are_not_its_business(stage):
    stage.apply(WORKFLOWS / "python" / "bot.yaml")  # and nobody is there to judge

    asked = stage.as_("bob").create_request(["dba"], reason="ticket #123")
    stage.as_("alice").review(asked.id, "APPROVE", reason="proceed with caution")
    stage.as_("ivan").review(asked.id, "APPROVE", reason="granted.")

    assert asked.checks == ()
    assert stage.holds("bob", "dba")


# --- killed in the middle -----------------------------------------------------------------------


@pytest.mark.parametrize(
    "started", [python_bot, pytest.param(shell_bot, marks=NEEDS_SHELL)], ids=["python", "shell"]
)
def test_killed_in_the_middle_it_misses_nothing_and_says_nothing_twice(
    stage, tmp_path, started
):
    stage.apply(WORKFLOWS / "python" / "bot.yaml")
    stage.ticket("OPS-123", "open")
    stage.ticket("OPS-55", "open")
    with started(stage, tmp_path / "place") as program:
        first = contractor_asks(stage, "ticket #123")
        stage.judged(first)
        with stage.jira_standing_still():
            middle = contractor_asks(stage, "ticket #55"), contractor_asks(stage, "ticket #0")
            program.says("Asking Jira about OPS-55")
            program.kill()
    states = [check.state for one in middle for check in stage.seen(one).checks]
    assert states == ["PENDING", "PENDING"]
    meanwhile = contractor_asks(stage, "ticket #123"), contractor_asks(stage, "ticket #404")

    with started(stage, tmp_path / "place"):
        last = contractor_asks(stage, "ticket #123")
        for asked in [*middle, *meanwhile, last]:
            stage.judged(asked)

    allowed, denied = [("ALLOW", "")], [("DENY", NO_TICKET)]
    assert stage.verdicts(last) == allowed  # from here on the log has all that was before
    assert [stage.verdicts(asked) for asked in [first, *middle, *meanwhile]] == [
        allowed,
        allowed,
        denied,
        allowed,
        denied,
    ]


# --- the webhook's own --------------------------------------------------------------------------


@pytest.fixture
def server(stage, built_typescript):
    with typescript_server(stage, built_typescript) as address:
        yield address


@NEEDS_NODE
def test_whoever_cannot_sign_gets_no_verdict(stage, server):
    body = FACTS.encode()
    now = datetime.now(UTC)  # noqa: TID251  the server reads a clock of its own

    def signed(at=now, secret=SECRET, content=body):
        return signing.signed(id="check", at=at, body=content, secrets=[secret])

    def status(headers, content=body):
        return httpx.post(server, content=content, headers=headers).status_code

    assert status({}) == 401
    assert status(signed(secret="whsec_" + "b3RoZXI" * 6)) == 401
    assert status(signed() | {"webhook-signature": "v1,bm9uZQ=="}) == 401
    assert status(signed() | {"webhook-id": "another"}) == 401
    assert status(signed(at=now - timedelta(minutes=6))) == 401
    assert status(signed(), content=body.replace(b"dba", b"dbb")) == 401
    assert status(signed()) == 200
    assert httpx.post(server, content=body, headers=signed()).json() == {"verdict": "ALLOW"}
