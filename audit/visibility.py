"""Which events a person may see. The apps above say it, because they know people and objects.

SEMANTICS 5.5: an event is visible to people with `read` on `event`, and to whoever sees the
object that it is about.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from audit.catalogue import About

Credential = Any  # what it is, the app that knows people decides; it can be a key


def _addresses(emails: Collection[str]) -> Mapping[str, str]:
    """Where nobody knows names, people are called by their addresses."""
    return {email: email for email in emails}


@dataclass(frozen=True, slots=True)
class People:
    """How to look at people: `viewer_of(user, at)` is what the other rules are asked with.

    `credential_of(request)` is what a call was let in by; `users_of(credentials, at)` has the
    user of each of them that still opens the door at that moment. `names_of(emails)` is what
    sentences call these people.
    """

    viewer_of: Callable[[Any, datetime], Any]
    sees_everything: Callable[[Any], bool]
    credential_of: Callable[[Any], Credential]
    users_of: Callable[[Collection[Credential], datetime], Mapping[Credential, Any]]
    names_of: Callable[[Collection[str]], Mapping[str, str]] = _addresses


Query = Callable[[Any, datetime], "QuerySet[Any, Any]"]
Judge = Callable[[Any], Collection[UUID]]
Judges = Callable[[Collection[UUID], datetime], Judge]


@dataclass(frozen=True, slots=True)
class _Sight:
    """Who sees the objects of one kind, asked for one viewer and all objects, or for few objects
    and many viewers."""

    query: Query
    among: Judges


# The address of the page of an event's object; the event's data may say more than its id.
PageOf = Callable[[About, Mapping[str, Any]], str]

_people: list[People] = []
_sights: dict[str, _Sight] = {}
_pages: dict[str, PageOf] = {}


def register_people(people: People) -> None:
    """Take the app that knows people."""
    _people[:] = [people]


def register_sight(kind: str, seen_by: Query, *, among: Judges | None = None) -> None:
    """Take the query for the ids of the objects of this kind that a viewer sees at a moment.

    `among(ids, at)` loads these objects once and tells of any number of viewers which of them
    they see. It must agree with the query, which is asked for each viewer if there is no other.
    """
    _sights[kind] = _Sight(seen_by, among or _asked_one_by_one(seen_by))


def register_page(kind: str, page_of: PageOf) -> None:
    """Take the address of the page where an object of this kind is shown."""
    _pages[kind] = page_of


def page_of(about: About, data: Mapping[str, Any]) -> str:
    """Where the object of an event is shown; empty if no page shows it."""
    return _pages[about.kind](about, data) if about.kind in _pages else ""


def people() -> People:
    """The app that knows people."""
    (registered,) = _people
    return registered


def seen_by(user: Any, at: datetime) -> Q:
    """The condition on `LedgerEntry` that holds for what `user` may see at this moment."""
    return seen_by_viewer(people().viewer_of(user, at), at)


def seen_by_viewer(viewer: Any, at: datetime) -> Q:
    """The same, for whom `People.viewer_of` has looked at already."""
    if people().sees_everything(viewer):
        return Q()
    seen = Q(pk__in=[])
    for kind, sight in _sights.items():
        seen |= Q(event__about_kind=kind, event__about_id__in=sight.query(viewer, at))
    return seen


class Sighting:
    """What everybody sees of these objects at one moment; each object is loaded once for all."""

    def __init__(self, abouts: Iterable[About], at: datetime) -> None:
        self._at = at
        self._ids: defaultdict[str, set[UUID]] = defaultdict(set)
        for about in abouts:
            self._ids[about.kind].add(about.id)
        self._judges: dict[str, Judge] = {}
        self._seen: dict[Any, Callable[[About], bool]] = {}

    def of(self, user: Any) -> Callable[[About], bool]:
        """Tells whether `user` sees an event about such an object."""
        if user.pk not in self._seen:
            self._seen[user.pk] = self._look(user)
        return self._seen[user.pk]

    def _look(self, user: Any) -> Callable[[About], bool]:
        viewer = people().viewer_of(user, self._at)
        if people().sees_everything(viewer):
            return lambda _about: True
        seen = {(kind, pk) for kind in self._ids for pk in self._judge_of(kind)(viewer)}
        return lambda about: (about.kind, about.id) in seen

    def _judge_of(self, kind: str) -> Judge:
        if kind not in self._judges:
            sight = _sights.get(kind)
            self._judges[kind] = sight.among(self._ids[kind], self._at) if sight else _blind
        return self._judges[kind]


def _asked_one_by_one(query: Query) -> Judges:
    def among(ids: Collection[UUID], at: datetime) -> Judge:
        return lambda viewer: set(
            query(viewer, at).filter(pk__in=ids).values_list("pk", flat=True)
        )

    return among


def _blind(_viewer: Any) -> Collection[UUID]:
    """What is seen of a kind that no app answers for."""
    return ()
