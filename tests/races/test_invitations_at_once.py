"""The link of an invitation is good for one use, whoever else is at it in the same moment."""

from functools import partial

import pytest

from audit.models import AuditEvent
from identity.models import Invitation, User
from identity.selectors import subject_of
from identity.services import invitations, users
from identity.services.tokens import digest_of
from tests import cast
from tests.deeds import later
from tests.races.at_once import at_once, refusals

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


def invited(user, at) -> str:
    """A secret with which this user, without a password again, may set one."""
    User.objects.filter(pk=user.pk).update(password="!", is_active=True)
    secret = f"of {at}"
    Invitation.objects.create(
        user=user, digest=digest_of(secret), created_at=at, expires_at=later(of=at, days=3)
    )
    return secret


def accept(user, secret, password, at):
    invitations.accept(secret=secret, password=password, by=cast.actor_of(user), at=at)


def passwords_set(at) -> int:
    return AuditEvent.objects.filter(
        type="user.updated", at=at, data__changed=["password"]
    ).count()


def test_two_uses_at_once_set_one_password(bob, rounds):
    for at in rounds:
        secret = invited(bob, at)

        results = at_once(*(partial(accept, bob, secret, word, at) for word in ("one", "two")))

        assert refusals(results) == ["not_found"]
        assert passwords_set(at) == 1
        assert not Invitation.objects.exists()


def test_whoever_is_deactivated_meanwhile_has_a_password_before_or_none(bob, dana, rounds):
    for at in rounds:
        secret = invited(bob, at)
        deactivate = partial(
            users.set_active,
            user_id=bob.pk,
            is_active=False,
            subject=subject_of(dana, at=at),
            by=cast.actor_of(dana),
            at=at,
        )

        results = at_once(partial(accept, bob, secret, "one", at), deactivate)

        bob.refresh_from_db()
        assert not bob.is_active
        assert not Invitation.objects.exists()
        assert bob.has_usable_password() == (refusals(results) == []) == bool(passwords_set(at))
