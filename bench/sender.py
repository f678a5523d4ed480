"""One worker that has a thousand requests to tell of, and no pace to keep.

Run as `python -m bench.sender`, with the address of a Slack and how many requests, and the folder
for its database in `DATA`. Prints as JSON what planning and sending took: seconds, and seconds of
processor; and how many messages there were.
"""

import json
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from itertools import combinations
from typing import Any

import django

django.setup(set_prefix=False)

from django.core.management import call_command  # noqa: E402
from django.utils import timezone  # noqa: E402

from accessplane.lib.actors import Actor, ActorKind, Via, console  # noqa: E402
from audit import services  # noqa: E402
from bench import organisation  # noqa: E402
from bench.organisation import ENGINEERS, QUICK, Document  # noqa: E402
from chatops.channels.slack.channel import Slack  # noqa: E402
from chatops.models import Posting  # noqa: E402
from chatops.services import sending  # noqa: E402
from chatops.states import PostingState  # noqa: E402
from identity import documents  # noqa: E402
from identity.models import User  # noqa: E402
from identity.services import configuration  # noqa: E402
from requests_app.planning import Wish  # noqa: E402
from requests_app.services import asking  # noqa: E402

ROOM = "#security"


def main(url: str, requests: int) -> None:
    """Ask, plan, send."""
    call_command("migrate", verbosity=0)
    _apply([*organisation.documents(), *_channel(url)])
    services.drain(at=timezone.now())
    _ask(requests)
    Slack.pace = timedelta(0)
    planned = _measured(lambda: services.drain(at=timezone.now()))
    sent = _measured(_send)
    count = Posting.objects.filter(state=PostingState.SENT).count()
    print(json.dumps({"messages": count, "planned": planned, "sent": sent}))


def _apply(described: list[Document]) -> None:
    configuration.apply_documents(
        documents.from_values(described, source="the bench"),
        by=console("bench"),
        may=configuration.everything,
        at=timezone.now(),
    )


def _channel(url: str) -> list[Document]:
    settings: dict[str, Any] = {"bot_token": "xoxb-of-the-plane", "signing_secret": "s" * 32}
    channel = {"type": "slack", "settings": settings | {"api_url": url}}
    route = {"channel": "slack", "recipients": [ROOM]}
    specs = {"channel": channel, "route": route}
    return [
        {"kind": kind, "version": "v1", "metadata": {"name": "slack"}, "spec": spec}
        for kind, spec in specs.items()
    ]


def _ask(requests: int) -> None:
    """Everybody asks in turn for what needs no suggested reviewer: he is told, and the room.

    Nobody asks twice for the same.
    """
    people = list(User.objects.filter(email__in=ENGINEERS).order_by("email"))
    sizes = range(1, len(QUICK) + 1)
    wishes = [roles for size in sizes for roles in combinations(QUICK, size)]
    for number in range(requests):
        who, roles = people[number % len(people)], wishes[number // len(people)]
        asking.create_request(
            wish=Wish(roles=roles, reason=f"ticket #{number}"),
            author=who,
            by=Actor(kind=ActorKind.USER, name=who.email, via=Via.API, id=who.pk),
            at=timezone.now(),
        )


def _send() -> None:
    while sending.send_due(at=timezone.now()):
        pass


def _measured(deed: Callable[[], object]) -> tuple[float, float]:
    """The seconds that it took, and those of the processor."""
    began, used = time.perf_counter(), time.process_time()
    deed()
    return time.perf_counter() - began, time.process_time() - used


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
