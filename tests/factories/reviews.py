"""Reviews that were made before the story begins."""

import factory

from reviews.models import Review
from reviews.thresholds import Decision
from tests.cast import NOON
from tests.factories.identity import UserFactory
from tests.factories.requests_app import AccessRequestFactory


class ReviewFactory(factory.django.DjangoModelFactory):
    """An approval that counts for the request's first threshold."""

    class Meta:
        model = Review

    request = factory.SubFactory(AccessRequestFactory)
    reviewer = factory.SubFactory(UserFactory)
    number = factory.LazyAttribute(lambda review: review.request.reviews.count() + 1)
    decision = Decision.APPROVE
    met = factory.List([factory.List([0, factory.List([])])])
    created_at = NOON
    via = "api"

    class Params:
        denial = factory.Trait(decision=Decision.DENY)
        comment = factory.Trait(decision=Decision.COMMENT, met=factory.List([]))
