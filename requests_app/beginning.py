"""What is still to be done on a plane that has just been set up."""

from dataclasses import dataclass

from django.apps import apps
from django.db.models import Exists

from identity.models import Role, User
from identity.services.presets import PRESETS
from identity.subject import Subject


@dataclass(frozen=True, slots=True, kw_only=True)
class Steps:
    """Which of the first steps are done: the data says so, nobody ticks them."""

    roles: bool
    channel: bool
    people: bool

    @property
    def are_done(self) -> bool:
        """Whether nothing of this is left to do."""
        return self.roles and self.channel and self.people


def steps_of(subject: Subject) -> Steps | None:
    """The first steps, for those who may take them; None for others, and once all are done.

    Roles are described as soon as there is one beside the presets, people are there as soon as
    somebody else has signed in. One statement, for those people only.
    """
    if not all(subject.may("update", resource) for resource in ("role", "user", "channel")):
        return None
    # An app above knows the channels.
    channels = apps.get_model("chatops", "ChannelConfig")._default_manager
    others = User.objects.exclude(pk=subject.id).filter(last_login__isnull=False)
    found = User.objects.filter(pk=subject.id).values_list(
        Exists(Role.objects.exclude(name__in=PRESETS)),
        Exists(channels.filter(is_active=True)),
        Exists(others),
    )
    ((roles, channel, people),) = found
    steps = Steps(roles=roles, channel=channel, people=people)
    return None if steps.are_done else steps
