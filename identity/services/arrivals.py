"""People who come through a connector: who they are here, and what they hold from then on."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from allauth.socialaccount.models import SocialAccount
from django.db import transaction
from django.utils.translation import gettext as _

from accessplane.lib.actors import system
from accessplane.lib.errors import InvalidInput, NotPermitted
from identity.connector_spec import ConnectorSpec, roles_from, traits_from, values_of
from identity.models import Connector, User
from identity.services import addresses, users
from identity.user_spec import normalised_email

log = logging.getLogger(__name__)


class NotWelcome(NotPermitted):
    """The other system knows the person, and here nobody is to be that person."""

    code = "not_welcome"


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """Somebody whom the connector's system knows as `uid`, with what it says of the person."""

    uid: str
    said: Mapping[str, Any]


def receive(
    *, connector: Connector, arrival: Arrival, bound: User | None, at: datetime
) -> User:
    """The user who arrived, brought up to date if the connector manages the user.

    `bound` is who came as this `uid` before. Whoever comes for the first time is found by a
    verified address of a domain that the connector vouches for, or created if the document says
    so, and the address counts as confirmed. Raises `NotWelcome` for everybody else. An inactive
    user is left as is: the door refuses.
    """
    spec = connector.parsed()
    with transaction.atomic():
        user = _locked(bound) or _first_time(connector, spec, arrival, at=at)
        if user.is_bot:
            raise NotWelcome(_("A bot signs in with its tokens."))
        if user.is_active and bound is None:
            addresses.note_confirmed(user, by=_actor(connector), at=at)
        if user.is_active and user.managed_by == connector.name:
            users.keep_up(user=user, **_given(spec, arrival), by=_actor(connector), at=at)
        return user


def _locked(bound: User | None) -> User | None:
    return bound and User.objects.select_for_update().get(pk=bound.pk)


def _first_time(
    connector: Connector, spec: ConnectorSpec, arrival: Arrival, *, at: datetime
) -> User:
    email = _address(spec, arrival)
    user = User.objects.select_for_update().filter(email=email).first()
    if user is not None:
        if SocialAccount.objects.filter(user=user, provider=connector.name).exists():
            raise NotWelcome(
                _(
                    "Somebody else came as %(email)s before. Whoever runs this plane can look into it."
                )
                % {"email": email}
            )
        return user
    if not spec.create:
        raise NotWelcome(
            _("Nobody here has the address %(email)s. Whoever runs this plane adds people.")
            % {"email": email}
        )
    try:
        return users.welcome(
            email=email,
            connector=connector.name,
            **_given(spec, arrival),
            by=_actor(connector),
            at=at,
        )
    except InvalidInput as refusal:
        raise NotWelcome(refusal.detail) from refusal


def _address(spec: ConnectorSpec, arrival: Arrival) -> str:
    """The address that the system vouches for; `NotWelcome` without one."""
    values = values_of(arrival.said, spec.claims.email)
    email = normalised_email(values[0]) if len(values) == 1 else ""
    if not email:
        raise NotWelcome(
            _("%(title)s did not say which e-mail address is yours.") % {"title": spec.title}
        )
    if not spec.vouches_for(email):
        raise NotWelcome(
            _("%(title)s does not speak for addresses such as %(email)s here.")
            % {"title": spec.title, "email": email}
        )
    if not (spec.assume_verified or arrival.said.get("email_verified") in (True, "true")):
        raise NotWelcome(
            _("%(title)s has not verified that %(email)s is yours.")
            % {"title": spec.title, "email": email}
        )
    return email


def _given(spec: ConnectorSpec, arrival: Arrival) -> dict[str, Any]:
    names = values_of(arrival.said, spec.claims.name)
    return {
        "display_name": names[0] if names else "",
        "traits": traits_from(spec, arrival.said),
        "roles": roles_from(spec, arrival.said),
    }


def _actor(connector: Connector) -> Any:
    return system(f"connector {connector.name}")
