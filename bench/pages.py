"""What the pages cost the server while a thousand requests wait."""

import json
from collections.abc import Iterator, Mapping
from itertools import combinations, islice

from bench.followers import tokens_for_all
from bench.organisation import CAREFUL, ENGINEERS, QUICK, REVIEWERS, STRICT_REVIEWER
from bench.scenes import API, Stage
from bench.server import Call, Line, Server, manage
from bench.table import page_table

OPEN = 1_000
TIMES = 40
IDLE_SECONDS = 3.0

_SESSIONS = """
import json
from django.conf import settings
from django.test import Client
from identity.models import User
settings.ALLOWED_HOSTS = ["*"]
def session_of(user):
    browser = Client()
    browser.force_login(user, settings.AUTHENTICATION_BACKENDS[0])
    return browser.session.session_key
print(json.dumps({user.email: session_of(user) for user in User.objects.all()}))
"""


def pages_table(server: Server, rounds: int) -> str:
    """Home, a request, the inbox, and what the palette asks, each with its cost."""
    ids = _let_wait(server, tokens_for_all(server))
    sessions = json.loads(
        manage("shell", "--no-imports", "-c", _SESSIONS, data=server.data).splitlines()[-1]
    )
    stage = Stage(server)
    for number in range(rounds + 1):
        for name, calls in _readings(sessions, ids).items():
            stage.measure(name, calls)
        if number == 0:  # that was to warm up
            stage.forget()
            stage.idle = server.idle_use(IDLE_SECONDS)
    return page_table(stage.measured)


def _let_wait(server: Server, tokens: Mapping[str, str]) -> list[str]:
    """So many people ask for so many things, and nobody decides; the ids of their requests."""
    line = Line(server)
    return [
        line.send(Call("POST", f"{API}access-requests/", tokens[who], wish))["id"]
        for who, wish in islice(_wishes(), OPEN)
    ]


def _wishes() -> Iterator[tuple[str, dict[str, object]]]:
    for size in (1, 2, 3, 4):
        for roles in (*combinations(CAREFUL, size), *combinations(QUICK, size)):
            for who in ENGINEERS:
                yield who, {"roles": list(roles), "reason": "ticket #123: the queue is stuck"}


def _readings(sessions: Mapping[str, str], ids: list[str]) -> dict[str, list[Call]]:
    def reading(who: str, *paths: str) -> list[Call]:
        calls = [Call("GET", path, session=sessions[who]) for path in paths]
        return calls * (TIMES // len(calls))

    asker, reviewer = ENGINEERS[0], REVIEWERS[0]
    return {
        "Home of somebody who asked": reading(asker, "/"),
        "Home of a reviewer": reading(reviewer, "/"),
        "a request, for its reviewer": reading(
            reviewer, *(f"/requests/{one}" for one in ids[:: OPEN // TIMES])
        ),
        "the inbox": reading(reviewer, "/reviews"),
        "the inbox, for a reviewer with a `where`": reading(STRICT_REVIEWER, "/reviews"),
        "what the palette finds": reading(reviewer, "/find?q=engineer%20dba"),
    }
