"""How long an event takes from its commit to the hands of a hundred readers.

The clock starts at the event's own time, which is taken before the commit: what is measured is
a little more than the way.
"""

import asyncio
import http
import json
import re
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from datetime import datetime
from statistics import quantiles
from typing import Any

from websockets.asyncio.client import connect

from bench.organisation import ADMIN, ENGINEERS, REQUESTABLE, REVIEWERS, STRICT_REVIEWER
from bench.scenes import API, ASKING
from bench.server import Call, Line, Server, manage
from bench.table import table

TARGET = 300.0  # milliseconds for 99 of 100
PACE = 0.05  # seconds from one event to the next
CALM = 0.5  # the same where each event makes every reader call again
LAST = 3.0  # seconds in which the last event comes to the last reader
# Forty of one who reads everything, ten each of six who look at each request; and 22 who see none.
SEEING = [ADMIN] * 40 + [*REVIEWERS, STRICT_REVIEWER] * 10
BLIND = ENGINEERS[len(ASKING) :]
HEADINGS = ("from commit to hand", "median ms", "p95 ms", "p99 ms", "target", "deliveries")

_AT = re.compile(rb'"at":"([^"]+)"')

Following = Callable[[Server, str, int], AsyncIterator[bytes]]


def tokens_for_all(server: Server) -> dict[str, str]:
    """A token for each follower, by address."""
    code = (
        "import json\n"
        "from django.utils import timezone\n"
        "from accessplane.lib.actors import console\n"
        "from identity.models import User\n"
        "from identity.services.tokens import create_token\n"
        "made = {u.email: create_token(user=u, by=console('bench'), at=timezone.now())[1]"
        " for u in User.objects.all()}\n"
        "print(json.dumps(made))"
    )
    return dict(json.loads(manage("shell", "--no-imports", "-c", code, data=server.data)))


def follow_table(server: Server) -> str:
    """Every way to follow, with what 100 readers wait."""
    tokens = tokens_for_all(server)
    rows = []
    for name, (following, pace) in WAYS.items():
        waits = asyncio.run(_measure(server, tokens, following, pace))
        cuts = quantiles(waits, n=100)
        figures = [f"{1000 * cuts[n - 1]:.0f}" for n in (50, 95, 99)]
        rows.append(
            (f"{name}, {1 / pace:.0f} events/s", *figures, f"{TARGET:.0f}", str(len(waits)))
        )
    return table(HEADINGS, rows)


async def _measure(
    server: Server, tokens: Mapping[str, str], following: Following, pace: float
) -> list[float]:
    """The seconds that each event took to each reader who sees it."""
    after = await asyncio.to_thread(_end_of_log, server, tokens[ADMIN])
    waits: list[float] = []

    async def read(who: str) -> None:
        async for part in following(server, tokens[who], after):
            now = time.time()
            waits.extend(now - _seconds(at) for at in _AT.findall(part))

    readers = [asyncio.create_task(read(who)) for who in [*SEEING, *BLIND]]
    await asyncio.sleep(2)
    events = await asyncio.to_thread(_let_things_happen, server, tokens, pace)
    wanted = events * len(SEEING)
    await asyncio.sleep(LAST)
    for reader in readers:
        reader.cancel()
    await asyncio.gather(*readers, return_exceptions=True)
    if len(waits) != wanted:
        raise RuntimeError(f"{wanted} events were to be delivered, and {len(waits)} were.")
    return waits


def _seconds(at: bytes) -> float:
    return datetime.fromisoformat(at.decode()).timestamp()


def _end_of_log(server: Server, token: str) -> int:
    server.rest()
    line, after = Line(server), 0
    while page := line.send(Call("GET", f"{API}events/?limit=200&after={after}", token))[
        "results"
    ]:
        after = page[-1]["sequence"]
    return after


def _let_things_happen(server: Server, tokens: Mapping[str, str], pace: float) -> int:
    """People ask, and take it back; how many events that makes."""
    line, made = Line(server), []
    for who in ASKING[:3]:
        for role in REQUESTABLE:
            body = {"roles": [role], "reason": "ticket #123: the queue is stuck"}
            made.append(
                (who, line.send(Call("POST", f"{API}access-requests/", tokens[who], body)))
            )
            time.sleep(pace)
    for who, request in made:
        line.send(
            Call("POST", f"{API}access-requests/{request['id']}/cancel/", tokens[who], {})
        )
        time.sleep(pace)
    return 2 * len(made)


# --- the ways -----------------------------------------------------------------------------------


async def _server_sent(server: Server, token: str, after: int) -> AsyncIterator[bytes]:
    reader, writer = await _get(server, token, after, Accept="text/event-stream")
    try:
        while line := await reader.readline():
            if line.startswith(b"data: "):
                yield line
    finally:
        writer.close()


async def _socket(server: Server, token: str, after: int) -> AsyncIterator[bytes]:
    url = f"ws://{server.host}:{server.port}/ws/events/?after={after}"
    headers = {"Authorization": f"Bearer {token}"}
    async with connect(url, additional_headers=headers, compression=None) as opened:
        async for document in opened:
            yield document.encode() if isinstance(document, str) else document


async def _held(server: Server, token: str, after: int) -> AsyncIterator[bytes]:
    while True:
        reader, writer = await _get(server, token, after, "&wait=30", Connection="close")
        answer = await reader.read()
        writer.close()
        if f" {http.HTTPStatus.OK.value} ".encode() not in answer.partition(b"\r\n")[0]:
            raise RuntimeError(repr(answer[:500]))
        page: Sequence[Any] = json.loads(answer.partition(b"\r\n\r\n")[2])["results"]
        for document in page:
            after = document["sequence"]
            yield b'"at":"%b"' % document["at"].encode()


async def _get(
    server: Server, token: str, after: int, more: str = "", **headers: str
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    reader, writer = await asyncio.open_connection(server.host, server.port)
    sent = {"Host": server.host, "Authorization": f"Bearer {token}"} | headers
    lines = [f"GET {API}events/?after={after}{more} HTTP/1.1"]
    lines += [f"{name}: {value}" for name, value in sent.items()]
    writer.write("\r\n".join([*lines, "", ""]).encode())
    await writer.drain()
    return reader, writer


WAYS: dict[str, tuple[Following, float]] = {
    "server-sent events": (_server_sent, PACE),
    "WebSocket": (_socket, PACE),
    "answers held with `wait`": (_held, CALM),
}
