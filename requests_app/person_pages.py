"""What the page of a person shows: who it is, what the person holds, and what was asked for.

Everybody has the page of oneself, and people with `read` on `user` those of all. To others a person
is there who holds a grant or made a request that they may see, and no more of the person than that.
"""

from datetime import datetime
from typing import Any

from django.db.models import Q

from accessplane.lib.errors import NotFound
from identity.models import User
from identity.selectors import static_subject_of, subject_of, users_named
from identity.subject import Subject
from identity.user_spec import normalised_email
from requests_app import grant_pages, page_data, selectors
from requests_app.holdings import GrantSearch, Stage
from requests_app.models import AccessRequest
from requests_app.services import reading, timekeeping
from requests_app.services.explaining import may_explain_others

_REQUESTS = 10
_GRANTS = 50


def person_page(user: User, email: str, *, at: datetime) -> dict[str, Any]:
    """All that the page shows to this viewer; `NotFound` if there is nothing."""
    subject, address = subject_of(user, at=at), normalised_email(email)
    person = users_named([address]).get(address)
    if person is None:
        raise NotFound("There is no such person.")
    is_known = person.pk == subject.id or subject.may("read", "user")
    held = _held(subject, person, at=at)
    requests = _asked(subject, person, at=at)
    if not (is_known or held or requests):
        raise NotFound("There is no such person.")
    roles = static_subject_of(person).role_names if is_known else ()
    titles = page_data.titles_of(roles)
    return page_data.common(subject, at=at) | {
        "person": person,
        "is_known": is_known,
        "is_oneself": person.pk == subject.id,
        "standing": [titles[name] for name in roles],
        "held": held,
        "requests": requests,
        "explains": may_explain_others(subject),
    }


def _held(subject: Subject, person: User, *, at: datetime) -> list[grant_pages.Row]:
    """The person's grants that give access now or will, as far as the viewer may see them."""
    timekeeping.start_due(among=Q(user=person), at=at)
    search = GrantSearch(user=person.email, stage=Stage.NOT_OVER)
    found = grant_pages.with_request(grant_pages.grants_listed(subject, search, at=at))
    return grant_pages.rows_of(subject, found[:_GRANTS], at=at)


def _asked(subject: Subject, person: User, *, at: datetime) -> list[dict[str, Any]]:
    """The person's latest requests, as far as the viewer may see them."""
    own = selectors.visible_to(subject, AccessRequest.objects.filter(requester=person))
    ids = own.order_by("-created_at", "-pk").values_list("pk", flat=True)[:_REQUESTS]
    return page_data.rows_of(reading.settled_requests(list(ids), at=at), at=at)
