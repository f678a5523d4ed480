"""Users, roles and tokens, where nobody cares how they came to be."""

from datetime import timedelta

import factory

from identity.models import ApiToken, Role, RoleAssignment, User
from identity.services.roles import digest_of
from tests.cast import NOON


class RoleFactory(factory.django.DjangoModelFactory):
    """A role that says nothing, unless `spec` does."""

    class Meta:
        model = Role

    name = factory.Sequence("role-{}".format)
    spec = factory.Dict({})
    digest = factory.LazyAttribute(lambda role: digest_of(role.name, role.spec))
    reviews = factory.LazyAttribute(
        lambda role: bool(role.spec.get("allow", {}).get("review_requests"))
    )
    created_at = NOON


class UserFactory(factory.django.DjangoModelFactory):
    """A person without roles; `holding=[role, ...]` gives static ones, in this order."""

    class Meta:
        model = User
        skip_postgeneration_save = True

    email = factory.Sequence("person-{}@example.com".format)
    display_name = factory.LazyAttribute(lambda user: user.email.partition("@")[0].title())
    password = "!"
    created_at = NOON

    class Params:
        bot = factory.Trait(is_bot=True)
        gone = factory.Trait(is_active=False)

    @factory.post_generation
    def holding(self, create, roles, **_):
        RoleAssignment.objects.bulk_create(
            RoleAssignment(user=self, role=role, position=position)
            for position, role in enumerate(roles or ())
        )


class TokenFactory(factory.django.DjangoModelFactory):
    """A token that does not expire, whatever the clock of the test says."""

    class Meta:
        model = ApiToken

    user = factory.SubFactory(UserFactory)
    digest = factory.Sequence("{:064x}".format)
    created_at = NOON
    expires_at = None
    revoked_at = None

    class Params:
        expired = factory.Trait(expires_at=NOON - timedelta(days=1))
        revoked = factory.Trait(revoked_at=NOON)
