"""What somebody wants to hear of, and where."""

from collections.abc import Collection

from django.db import transaction

from chatops import selectors
from chatops.models import Preference
from identity.models import User


def choose(*, user: User, ticked: Collection[str]) -> None:
    """Keep what is ticked, of the choices that the user has; all the others are declined.

    A choice is named `<channel's name>:<audience>`, as `selectors.Choice` names it.
    """
    with transaction.atomic():
        for choice in selectors.choices_of(user):
            Preference.objects.update_or_create(
                user=user,
                channel_id=choice.channel_id,
                audience=choice.audience,
                defaults={"is_wanted": choice.name in ticked},
            )
