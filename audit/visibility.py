"""Which events a person may see. The apps above say it, because they know people and objects.

SEMANTICS 5.5: an event is visible to people with `read` on `event`, and to whoever sees the
object that it is about.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet


@dataclass(frozen=True, slots=True)
class People:
    """How to look at people: `viewer_of(user, at)` is what the other rules are asked with."""

    viewer_of: Callable[[Any, datetime], Any]
    sees_everything: Callable[[Any], bool]


Sight = Callable[[Any, datetime], "QuerySet[Any, Any]"]

_people: list[People] = []
_sights: dict[str, Sight] = {}


def register_people(people: People) -> None:
    """Take the app that knows people."""
    _people[:] = [people]


def register_sight(kind: str, seen_by: Sight) -> None:
    """Take the query for the ids of the objects of this kind that a viewer sees at a moment."""
    _sights[kind] = seen_by


def seen_by(user: Any, at: datetime) -> Q:
    """The condition on `LedgerEntry` that holds for what `user` may see at this moment."""
    (people,) = _people
    viewer = people.viewer_of(user, at)
    if people.sees_everything(viewer):
        return Q()
    seen = Q(pk__in=[])
    for kind, sight in _sights.items():
        seen |= Q(event__about_kind=kind, event__about_id__in=sight(viewer, at))
    return seen
