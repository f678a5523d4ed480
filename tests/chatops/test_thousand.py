"""A thousand requests at once, through one worker: nothing lost, in order, at Slack's pace."""

import time
from collections import Counter
from itertools import combinations, islice

import pytest

from audit import services
from chatops import lifecycle
from chatops.channels.slack.channel import Slack
from chatops.messages import Audience
from chatops.models import ChannelConfig, Posting, Preference
from chatops.services import sending
from tests import cast, deeds
from tests.deeds import later

pytestmark = [pytest.mark.embedded, pytest.mark.django_db]

REQUESTS, CANCELLED = 1000, 100


@pytest.fixture
def crowd(space, bob):
    """Bob asks for each set of these roles once; the room hears of it, and nobody else."""
    names = [f"staging-{number}" for number in range(45)]
    cast.apply(*(cast.role(name) for name in names))
    for name in ("bob", "alice", "ivan"):
        for audience in (Audience.REQUESTER, Audience.REVIEWER):
            Preference.objects.create(
                user=cast.called(name),
                channel=ChannelConfig.objects.get(),
                audience=audience,
                is_wanted=False,
            )
    sets = (roles for size in (1, 2) for roles in combinations(names, size))
    requests = [deeds.ask(bob, *roles) for roles in islice(sets, REQUESTS)]
    for request in requests[:CANCELLED]:
        deeds.cancel(request, bob)
    services.drain(at=later())
    assert Posting.objects.filter(state="DUE").count() == REQUESTS + CANCELLED
    return space


def test_nothing_is_lost_the_order_is_kept_and_so_is_the_pace(crowd):
    send_all(crowd)

    assert set(Posting.objects.values_list("state", "tries")) == {("SENT", 1)}
    keys = Counter(one.metadata["event_payload"]["key"] for one in crowd.messages)
    assert set(keys.values()) == {1}
    kinds = Counter(
        (one.metadata["event_payload"]["type"], bool(one.thread_ts)) for one in crowd.messages
    )
    assert kinds == {
        ("access_request.created", False): REQUESTS,
        ("access_request.cancelled", True): CANCELLED,
    }
    check_order(crowd)
    check_pace([int(float(one.ts)) for one in crowd.messages])


def send_all(space) -> None:
    """The worker comes by every twenty seconds; Slack's clock goes as ours does."""
    seconds = 0.0
    while Posting.objects.filter(state="DUE").exists():
        at, began = later(seconds=seconds), time.monotonic()
        space.now = lambda at=at, began=began: at.timestamp() + time.monotonic() - began
        sending.send_due(at=at)
        seconds += 20 + time.monotonic() - began
        assert seconds < 3 * (REQUESTS + CANCELLED)


def check_order(space) -> None:
    """Each thread is below the card of its own request, which was there before."""
    seen = {}
    for one in space.messages:
        if one.thread_ts:
            assert one.text.startswith(seen[one.thread_ts])
        else:
            seen[one.ts] = one.text.partition(":")[0]


def check_pace(times: list[int]) -> None:
    """In any time no more than a message for each pace, and a burst; the times are cut to seconds."""
    pace = Slack.pace.total_seconds()
    for number, began in enumerate(times):
        for further, ended in enumerate(times[number:], 1):
            assert further <= lifecycle.BURST + 1 + (ended + 1 - began) / pace
