"""When to try again."""

import random
from datetime import timedelta

FIRST = timedelta(seconds=5)
LONGEST = timedelta(hours=1)


def next_delay(
    tries: int, *, first: timedelta = FIRST, longest: timedelta = LONGEST
) -> timedelta:
    """How long to wait after the `tries`-th failure: doubles from `first` up to `longest`."""
    doublings = min(max(tries, 1) - 1, 30)  # beyond that any first delay is past any longest
    return min(first * (1 << doublings), longest)


def jittered(delay: timedelta) -> timedelta:
    """The delay, give or take a quarter, so that what failed together is not tried together."""
    return delay * random.uniform(0.75, 1.25)  # noqa: S311 - no secret hangs on it
