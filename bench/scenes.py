"""What is measured: an organisation at work, round after round."""

import json
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from bench import organisation
from bench.organisation import ENGINEERS, GATEWAY, REQUESTABLE, REVIEWERS, STRICT_REVIEWER
from bench.server import Call, Line, Server, manage

API = "/api/v1/"
ASKING = ENGINEERS[:5]
BARE = "bare view: one SELECT, one INSERT"
CREATE = "create a request"
APPROVE = "the review that approves"
LIST = "list of 50"
STRICT_LIST = "list of 50, for a reviewer with a `where`"
ONE = "one request"
CHECK = "access/check"


@dataclass(slots=True)
class Measured:
    """What calls of one kind have cost: seconds of processor in all, seconds of waiting each."""

    cpu: float = 0.0
    waits: list[float] = field(default_factory=list)


class Stage:
    """A server, and what calls to it have cost."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.idle = 0.0
        self.measured: defaultdict[str, Measured] = defaultdict(Measured)

    def measure(self, name: str, calls: Sequence[Call]) -> list[Any]:
        """Make the calls on one connection; note their cost with that of what they leave to do."""
        self.server.rest()
        line = Line(self.server)
        noted, answers = self.measured[name], []
        began, cpu = time.perf_counter(), self.server.cpu
        for call in calls:
            sent = time.perf_counter()
            answers.append(line.send(call))
            noted.waits.append(time.perf_counter() - sent)
        self.server.rest()
        used = self.server.cpu - cpu
        noted.cpu += used - self.idle * (time.perf_counter() - began)
        return answers

    def forget(self) -> None:
        """Measure from here on."""
        self.measured.clear()


def furnish(server: Server) -> dict[str, str]:
    """Apply the organisation; the tokens of those who act, by address."""
    path = server.data / "organisation.json"
    path.write_text(json.dumps(organisation.documents()))
    manage("apply", "-f", str(path), data=server.data)
    acting = [*ASKING, *REVIEWERS[:2], STRICT_REVIEWER, GATEWAY]
    with ThreadPoolExecutor(4) as pool:
        secrets = pool.map(lambda who: manage("create_token", who, data=server.data), acting)
        return dict(zip(acting, secrets, strict=True))


def play_bare(stage: Stage, times: int) -> None:
    """The measure of the others."""
    stage.measure(BARE, [Call("POST", "/notes/", body={"text": "ticket #123"})] * times)


def play(stage: Stage, tokens: Mapping[str, str]) -> int:
    """Everybody asks for everything, is approved, is looked at, and gives it back.

    Returns how many calls of each kind were measured.
    """
    made = stage.measure(
        CREATE, [_asking(tokens[who], r) for who in ASKING for r in REQUESTABLE]
    )
    reviewed = [_approving(tokens[REVIEWERS[0]], each) for each in made]
    needs_two = [each["thresholds"][0]["approve"] > 1 for each in made]
    Line(stage.server).send_all(
        [call for call, two in zip(reviewed, needs_two, strict=True) if two]
    )
    second = tokens[REVIEWERS[1]]
    answers = stage.measure(APPROVE, [_approving(second, each) for each in made])
    approved = [answer["request"] for answer in answers]
    if any(each["state"] != "APPROVED" for each in approved):
        raise RuntimeError("A review that was to approve did not.")
    for name, calls in _readings(tokens, approved).items():
        stage.measure(name, calls)
    Line(stage.server).send_all(
        [_giving_back(tokens[each["requester"]], each) for each in approved]
    )
    return len(made)


def _asking(token: str, role: str) -> Call:
    body = {"roles": [role], "reason": "ticket #123: the queue is stuck", "duration": "2h"}
    return Call("POST", f"{API}access-requests/", token, body)


def _approving(token: str, request: Mapping[str, Any]) -> Call:
    body = {"decision": "APPROVE", "reason": "proceed with caution"}
    return Call("POST", f"{API}access-requests/{request['id']}/reviews/", token, body)


def _giving_back(token: str, request: Mapping[str, Any]) -> Call:
    (grant,) = request["grants"]
    return Call("POST", f"{API}grants/{grant['id']}/end/", token, {})


def _readings(
    tokens: Mapping[str, str], requests: Sequence[Mapping[str, Any]]
) -> dict[str, list[Call]]:
    reviewer, strict = tokens[REVIEWERS[0]], tokens[STRICT_REVIEWER]
    listing = f"{API}access-requests/?limit=50"
    one = [f"{API}access-requests/{each['id']}/" for each in requests]
    check = [
        f"{API}access/check/?user={each['requester']}&role={each['roles'][0]}"
        for each in requests
    ]
    return {
        LIST: [Call("GET", listing, reviewer)] * len(requests),
        STRICT_LIST: [Call("GET", listing, strict)] * len(requests),
        ONE: [Call("GET", path, reviewer) for path in one],
        CHECK: [Call("GET", path, tokens[GATEWAY]) for path in check],
    }
