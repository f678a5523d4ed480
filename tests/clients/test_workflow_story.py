"""The program of CONTRACT 6 against the real plane: processes of their own, HTTP between them."""

import json
import signal

import pytest
from accessplane_client import Plane

from tests.clients.programs import Program, shown_program
from tests.frame import processes
from tests.prepared import enter

pytestmark = pytest.mark.embedded

ORGANISATION = """
kind: role
version: v1
metadata: {name: dba}
spec: {}
---
kind: role
version: v1
metadata: {name: everybody}
spec:
  allow:
    request: {roles: [admin, dba]}
    rules: [{resources: [event], verbs: [list, read]}]
---
kind: role
version: v1
metadata: {name: decides}
spec: {allow: {review_requests: {roles: [dba, admin]}}}
---
kind: user
version: v1
metadata: {name: bob@example.com}
spec: {roles: [everybody], traits: {team: [payments]}}
---
kind: user
version: v1
metadata: {name: carol@example.com}
spec: {roles: [everybody], traits: {team: [contractor]}}
---
kind: user
version: v1
metadata: {name: alice@example.com}
spec: {roles: [everybody, decides]}
---
kind: user
version: v1
metadata: {name: policy@example.com}
spec: {bot: true}
---
kind: workflow
version: v1
metadata: {name: device-and-ticket}
spec:
  when: 'contains(requester.traits["team"], "contractor") || contains(request.roles, "admin")'
  engine: bot
  bot: policy@example.com
"""


@pytest.fixture
def data(prepared, tmp_path):
    """An organisation that asks contractors for tickets."""
    return prepared.copy("tickets", tmp_path / "data", organise)


def organise(folder):
    file = folder / "organisation.yaml"
    file.write_text(ORGANISATION)
    (folder / "tokens.json").write_text(json.dumps(enter(folder, file)))


@pytest.fixture
def url(data):
    """A plane of its own process."""
    plane = processes.Plane(data)
    yield f"http://127.0.0.1:{plane.port}"
    plane.stop()
    plane.process.stdout.close()


@pytest.fixture
def token_of(data):
    """`token_of("bob")`."""
    return json.loads((data / "tokens.json").read_text()).get


@pytest.fixture
def as_(url, token_of):
    """`as_("bob").create_request(["dba"])`."""
    opened = []

    def plane(name):
        opened.append(Plane(url, token_of(name)))
        return opened[-1]

    yield plane
    for each in opened:
        each.close()


@pytest.fixture
def run(url, token_of, tmp_path):
    """`run()`: the program at work. All of one test share a home."""
    begun = []

    def begin(token=None):
        home = tmp_path / "home"
        token = token or token_of("policy")
        begun.append(Program(shown_program(), home, url=url, token=token))
        return begun[-1]

    yield begin
    for program in begun:
        program.kill()


@pytest.fixture
def judged(as_):
    """The request once its check is no longer pending."""

    def wait(request):
        alice = as_("alice")
        for event in alice.events(follow=True, about=request.id, patience=5):
            if event.type == "access_request.checked":
                return alice.request(request.id)
        raise AssertionError("What is followed has no end.")

    return wait


def check_of(request):
    (check,) = request.checks
    return check.workflow, check.state, check.reason


def test_the_program_of_the_first_page(as_, run, judged):
    program = run()
    bob, carol = as_("bob"), as_("carol")

    privileged = judged(bob.create_request(["admin"]))
    without = judged(carol.create_request(["dba"], reason="please"))
    with_ticket = judged(carol.create_request(["dba"], reason="OPS-7"))
    registered = judged(as_("alice").create_request(["admin"]))
    ordinary = bob.create_request(["dba"])

    name = "device-and-ticket"
    assert (privileged.state, privileged.resolve_reason) == (
        "DENIED",
        "use registered computer for privileged access",
    )
    assert check_of(privileged) == (name, "FAILED", privileged.resolve_reason)
    assert without.state == "DENIED"
    assert check_of(without) == (name, "FAILED", "provide an active JIRA ticket")
    assert (with_ticket.state, check_of(with_ticket)) == ("PENDING", (name, "PASSED", ""))
    assert check_of(registered)[1] == "PASSED"
    assert ordinary.checks == ()

    as_("alice").review(with_ticket.id, "APPROVE")
    assert carol.wait_for_decision(with_ticket.id, timeout=20).is_approved
    program.send(signal.SIGTERM)
    assert program.end() == 0


def test_what_was_asked_while_nobody_judged_is_judged_later(as_, run, judged):
    carol, bob = as_("carol"), as_("bob")
    program = run()
    judged(carol.create_request(["dba", "admin"], reason="OPS-1"))
    program.send(signal.SIGKILL)
    assert program.end() == -signal.SIGKILL

    meanwhile = [
        bob.create_request(["admin"], reason="no computer"),
        carol.create_request(["dba"], reason="not a ticket"),
    ]
    assert [check_of(request)[1] for request in meanwhile] == ["PENDING", "PENDING"]
    run()

    assert [judged(request).state for request in meanwhile] == ["DENIED", "DENIED"]


def test_a_token_of_somebody_else_ends_the_program(as_, run, token_of):
    waiting = as_("carol").create_request(["dba"], reason="OPS-8")
    program = run(token=token_of("alice"))

    assert program.end() == 1
    assert "`spec.bot` of the workflow device-and-ticket names" in program.log
    assert check_of(as_("carol").request(waiting.id))[1] == "PENDING"


def test_events_are_followed_over_the_stream_of_the_plane(as_):
    alice, bob = as_("alice"), as_("bob")
    newest = max((event.sequence for event in alice.events()), default=0)
    following = alice.events(newest, follow=True, type="access_request.cancelled", patience=5)
    request = bob.create_request(["dba"], reason="for a moment")

    bob.cancel(request.id)

    assert next(following).about.id == request.id
