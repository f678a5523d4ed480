"""Who sees these channels, routes and postings: the selectors' `..._visible_to`, for few objects
and many people. Both ways must agree.

Whoever sees one of a kind sees all of it, so nothing has to be loaded.
"""

from collections.abc import Callable, Collection
from datetime import datetime
from uuid import UUID

from chatops import selectors
from identity.subject import Subject

Seen = Callable[[Subject], Collection[UUID]]


def channels_among(ids: Collection[UUID], _at: datetime) -> Seen:
    """Tells which of these channels somebody sees, or which of these postings."""
    return lambda subject: ids if selectors.sees_channels(subject) else ()


def routes_among(ids: Collection[UUID], _at: datetime) -> Seen:
    """Tells which of these routes somebody sees."""
    return lambda subject: ids if selectors.sees_routes(subject) else ()
