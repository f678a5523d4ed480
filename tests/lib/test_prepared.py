"""Prepared queries give what their querysets give."""

from datetime import timedelta

import pytest
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import BooleanField, CharField, DateTimeField, Q, UUIDField
from django.db.transaction import TransactionManagementError

from accessplane.lib.identifiers import new_id
from accessplane.lib.prepared import Prepared
from identity.models import ApiToken, RoleAssignment, User
from identity.services import tokens
from tests.cast import actor_of
from tests.factories.identity import UserFactory

pytestmark = pytest.mark.django_db

TRAITS = Prepared(
    lambda email: User.objects.filter(email=email).values_list("pk", "traits", "created_at"),
    email=CharField(),
)
HELD = Prepared(
    lambda user: RoleAssignment.objects.filter(Q(user=user), position__gte=0).values_list(
        "role__name", "position"
    ),
    user=UUIDField(),
)
NAMED = Prepared(
    lambda emails, active: User.objects.filter(
        email__in=emails, is_active=active
    ).select_related("owner"),
    emails=[CharField()],
    active=BooleanField(),
)
LOCKED = Prepared(
    lambda email: User.objects.select_for_update().filter(email=email).values_list("pk"),
    email=CharField(),
)
OPEN = Prepared(
    lambda at: ApiToken.objects.filter(expires_at__gt=at).values_list("expires_at"),
    at=DateTimeField(),
)


def test_rows_are_what_the_queryset_gives(bob):
    expected = User.objects.filter(email=bob.email).values_list("pk", "traits", "created_at")

    assert TRAITS.rows(email=bob.email) == list(expected)
    assert TRAITS.rows(email=bob.email)[0][1] == bob.traits


def test_another_value_gives_other_rows(bob, alice):
    assert [row[0] for row in TRAITS.rows(email=bob.email)] == [bob.pk]
    assert [row[0] for row in TRAITS.rows(email=alice.email)] == [alice.pk]
    assert TRAITS.rows(email="nobody@example.com") == []


def test_a_relation_is_a_slot_too(bob):
    assert min(HELD.rows(user=bob.pk), key=lambda row: row[1]) == ("developer", 0)
    assert HELD.rows(user=new_id()) == []


def test_times_are_compared_and_come_back_with_their_zone(bob, noon):
    tokens.create_token(user=bob, ttl=timedelta(days=1), by=actor_of(bob), at=noon)

    assert OPEN.rows(at=noon) == [(noon + timedelta(days=1),)]
    assert OPEN.rows(at=noon + timedelta(days=1)) == []


@pytest.mark.parametrize("count", [1, 2, 3, 5, 8])
def test_a_name_may_stand_for_several_values(count):
    users = UserFactory.create_batch(count)
    UserFactory(is_active=False)

    found = NAMED.objects(emails=[user.email for user in users], active=True)

    assert {user.pk for user in found} == {user.pk for user in users}


def test_several_values_are_one_at_least():
    with pytest.raises(ValueError, match="at least"):
        NAMED.objects(emails=[], active=True)


def test_objects_are_what_the_queryset_gives(alice, django_assert_num_queries):
    robot = UserFactory(is_bot=True, owner=alice, email="helper@example.com")

    with django_assert_num_queries(1):
        found = NAMED.objects(emails=["helper@example.com", "alice@example.com"], active=True)
        owners = {user.email: user.owner for user in found}

    assert owners == {"helper@example.com": alice, "alice@example.com": None}
    (again,) = [user for user in found if user == robot]
    assert (again.traits, again.created_at) == (robot.traits, robot.created_at)
    assert not again._state.adding


def test_rows_are_locked_within_a_transaction_or_not_at_all(bob, monkeypatch):
    assert LOCKED.rows(email=bob.email) == [(bob.pk,)]

    monkeypatch.setattr(connections[DEFAULT_DB_ALIAS], "in_atomic_block", False)
    with pytest.raises(TransactionManagementError):
        LOCKED.rows(email=bob.email)


def test_a_value_is_never_part_of_the_statement(bob):
    assert TRAITS.rows(email="' OR 1=1 --") == []


def test_it_is_compiled_once(bob, monkeypatch):
    TRAITS.rows(email=bob.email)
    monkeypatch.setattr(TRAITS, "_build", None)

    assert len(TRAITS.rows(email=bob.email)) == 1
