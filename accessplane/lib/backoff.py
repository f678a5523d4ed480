"""When to try again."""

from datetime import timedelta

FIRST = timedelta(seconds=5)
LONGEST = timedelta(hours=1)


def next_delay(
    tries: int, *, first: timedelta = FIRST, longest: timedelta = LONGEST
) -> timedelta:
    """How long to wait after the `tries`-th failure: doubles from `first` up to `longest`."""
    doublings = min(max(tries, 1) - 1, 30)  # beyond that any first delay is past any longest
    return min(first * (1 << doublings), longest)
