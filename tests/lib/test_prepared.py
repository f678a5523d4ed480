"""Prepared queries give what their querysets give."""

from datetime import timedelta

import pytest
from django.db.models import CharField, DateTimeField, Q, UUIDField

from accessplane.lib.identifiers import new_id
from accessplane.lib.prepared import Prepared
from identity.models import ApiToken, RoleAssignment, User
from identity.services import tokens
from tests.cast import actor_of

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


def test_a_value_is_never_part_of_the_statement(bob):
    assert TRAITS.rows(email="' OR 1=1 --") == []


def test_it_is_compiled_once(bob, monkeypatch):
    TRAITS.rows(email=bob.email)
    monkeypatch.setattr(TRAITS, "_build", None)

    assert len(TRAITS.rows(email=bob.email)) == 1
