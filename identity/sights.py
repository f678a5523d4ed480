"""Who sees these users, roles and tokens: the selectors' `..._visible_to`, for few objects and
many people. Both ways must agree."""

from collections.abc import Callable, Collection
from datetime import datetime
from uuid import UUID

from identity import requestable
from identity.models import ApiToken, Role
from identity.subject import Subject

Seen = Callable[[Subject], Collection[UUID]]


def users_among(ids: Collection[UUID], _at: datetime) -> Seen:
    """Tells which of these users somebody sees."""
    return lambda subject: ids if subject.may("read", "user") else {subject.id} & set(ids)


def roles_among(ids: Collection[UUID], _at: datetime) -> Seen:
    """Tells which of these roles somebody sees."""
    names = dict(Role.objects.filter(pk__in=ids).values_list("pk", "name"))

    def seen(subject: Subject) -> Collection[UUID]:
        if subject.may("read", "role"):
            return ids
        held = {role.name for role in (*subject.roles, *subject.elevated)}
        open_ones = held.union(requestable.requestable_among(subject, names.values()))
        return [pk for pk, name in names.items() if name in open_ones]

    return seen


def tokens_among(ids: Collection[UUID], _at: datetime) -> Seen:
    """Tells which of these tokens somebody sees."""
    owners = dict(ApiToken.objects.filter(pk__in=ids).values_list("pk", "user_id"))

    def seen(subject: Subject) -> Collection[UUID]:
        if subject.may("read", "token") or subject.may("revoke", "token"):
            return ids
        return [pk for pk, owner in owners.items() if owner == subject.id]

    return seen
