"""Shown requests say what their models say."""

from datetime import timedelta

import pytest

from requests_app import shown
from requests_app.models import AccessRequest
from reviews.models import Review
from tests.factories.identity import RoleFactory, UserFactory
from tests.factories.requests_app import AccessRequestFactory, GrantFactory
from tests.factories.reviews import ReviewFactory

pytestmark = pytest.mark.django_db


def values_of(model, struct):
    """The attributes of the struct that the model has."""
    return {name: getattr(model, name) for name in struct.__struct_fields__}


def as_values(struct):
    return {name: getattr(struct, name) for name in struct.__struct_fields__}


@pytest.fixture
def request_of_a_bot(alice, noon):
    """An extension with everything that a request can have."""
    robot = UserFactory(is_bot=True, owner=alice)
    return AccessRequestFactory(
        requester=robot,
        reason='"quoted" \u00e9',
        annotations={"team": ["a", "b"]},
        suggested_reviewers=["ivan@example.com"],
        start_time=noon + timedelta(microseconds=1),
        limit=timedelta(days=3, microseconds=7),
        extends=GrantFactory(user=robot),
    )


def test_a_shown_request_has_what_its_row_has(request_of_a_bot, alice):
    (found,) = shown.requests([request_of_a_bot.pk])

    request = AccessRequest.objects.get(pk=request_of_a_bot.pk)
    for name in shown._Own.__struct_fields__:
        assert getattr(found, name) == getattr(request, name), name
    robot = request.requester
    assert as_values(found.requester) == values_of(robot, shown.Person)
    assert found.author == found.requester
    assert found.owner_email == alice.email
    assert as_values(found.extends) == values_of(request.extends, found.extends)


def test_grants_and_reviews_come_with_it_and_in_order(noon, django_assert_num_queries):
    request = AccessRequestFactory(approved=True)
    for name in ("zeta", "alpha"):
        GrantFactory(request=request, role=RoleFactory(name=name))
    ReviewFactory(request=request, annotations={"b": ["c"]}, created_at=noon)
    ReviewFactory(request=request, comment=True, created_at=noon + timedelta(microseconds=7))

    shown.requests([request.pk])  # the first one asks the database what it can do

    with django_assert_num_queries(1):
        (found,) = shown.requests([request.pk])

    grants = request.grants.order_by("role__name")
    assert list(map(as_values, found.all_grants)) == [
        values_of(grant, shown.ShownGrant) for grant in grants
    ]
    reviews = Review.objects.filter(request=request).order_by("number")
    assert list(map(as_values, found.all_reviews)) == [
        values_of(review, shown.ShownReview) for review in reviews
    ]


def test_nothing_belongs_to_a_new_request():
    (found,) = shown.requests([AccessRequestFactory().pk])

    assert (found.all_grants, found.all_reviews, found.extends) == ([], [], None)


def test_they_come_in_the_order_that_was_asked_for():
    ids = [AccessRequestFactory().pk for _ in range(5)]

    assert [request.id for request in shown.requests(ids[::-1])] == ids[::-1]
    assert shown.requests([]) == []


def test_times_come_back_with_their_zone(noon):
    (found,) = shown.requests([GrantFactory().request_id])

    assert found.all_grants[0].starts_at.utcoffset() == timedelta()
    assert found.created_at.utcoffset() == timedelta()
