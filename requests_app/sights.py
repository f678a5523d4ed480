"""Who sees these requests and grants: `visible_to`, asked for few objects and many people.

The objects are loaded once; after that, nobody costs a statement. Both ways must agree.
"""

from collections.abc import Callable, Collection
from datetime import datetime
from uuid import UUID

from identity.subject import Subject
from requests_app import selectors
from requests_app.models import AccessRequest, Grant

Seen = Callable[[Subject], Collection[UUID]]


def requests_among(ids: Collection[UUID], _at: datetime) -> Seen:
    """Tells which of these requests somebody sees."""
    requests = list(
        AccessRequest.objects.filter(pk__in=ids).select_related("requester", "author")
    )
    involved = selectors.who_is_involved(ids)
    return lambda subject: {
        request.pk
        for request in requests
        if selectors.sees_uninvolved(subject, request) or subject.id in involved[request.pk]
    }


def grants_among(ids: Collection[UUID], _at: datetime) -> Seen:
    """Tells which of these grants somebody sees."""
    grants = list(
        Grant.objects.filter(pk__in=ids).select_related("request__requester", "request__author")
    )
    return lambda subject: {grant.pk for grant in grants if _sees_grant(subject, grant)}


def _sees_grant(subject: Subject, grant: Grant) -> bool:
    """`selectors.grants_visible_to` of one in hand."""
    request = grant.request
    return (
        subject.may("read", "grant")
        or subject.may("revoke", "grant")
        or subject.id in {grant.user_id, request.author_id}
        or selectors.may_judge(subject, request)
    )
