"""Users from documents."""

import logging
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils.translation import gettext as _

from accessplane.lib.actors import Actor
from accessplane.lib.errors import InvalidInput, NotFound, NotPermitted
from audit.recorder import record
from identity import selectors
from identity.documents import Document
from identity.events import UserCreated, UserUpdated
from identity.models import Connector, RoleAssignment, User
from identity.services import invitations
from identity.services.outcomes import Outcome, Result
from identity.subject import Subject
from identity.user_spec import EMAIL_LENGTH, UserSpec, normalised_email, parse_user

log = logging.getLogger(__name__)

_OF_CONNECTOR = {"display_name", "traits"}


class OwnAccount(NotPermitted):
    """Whoever locked himself out could not take it back."""

    code = "own_account"


def apply_user(document: Document, *, by: Actor, at: datetime) -> Outcome:
    """Create the user or change what the document says differently; `InvalidInput` if wrong.

    A password is taken for a new user only: afterwards it belongs to the person.
    """
    spec = parse_user(document.spec)
    _check_password(spec)
    email = _email(document.name)
    user = User.objects.select_for_update().filter(email=email).first()
    _check_connector(spec.managed_by)
    role_ids = _role_ids(spec.roles)
    wanted = {
        "display_name": spec.display_name,
        "traits": _plain(spec.traits),
        "is_bot": spec.bot,
        "is_active": spec.active,
        "owner_id": _owner_id(spec.owner, of=email),
        "managed_by": spec.managed_by,
    }
    if user is None:
        _create(User(email=email, created_at=at, **wanted), spec.password, role_ids, by, at)
        return Outcome(document, Result.CREATED)
    if spec.managed_by:  # what the connector says stays
        wanted = {field: wanted[field] for field in wanted if field not in _OF_CONNECTOR}
        role_ids = _held_by(user)
    if not _change(user, wanted, role_ids, by, at):
        return Outcome(document, Result.UNCHANGED)
    return Outcome(document, Result.UPDATED)


def set_active(
    *, user_id: UUID, is_active: bool, subject: Subject, by: Actor, at: datetime
) -> User:
    """Let somebody in again, or no longer; nothing is recorded if that is so already.

    `NotFound` for who does not see the user, `NotPermitted` without `update` on `user`,
    `OwnAccount` for oneself. Somebody inactive holds nothing from this moment (SEMANTICS 7.5).
    """
    with transaction.atomic():
        visible = selectors.users_visible_to(subject).select_for_update(of=("self",))
        user = visible.filter(pk=user_id).first()
        if user is None:
            raise NotFound(_("There is no such user."))
        if not subject.may("update", "user"):
            raise NotPermitted(_("You may not change users."))
        if user.pk == subject.id:
            raise OwnAccount(_("You cannot deactivate yourself. Somebody else can."))
        if user.is_active != is_active:
            user.is_active = is_active
            user.save(update_fields=["is_active"])
            _shut_out(user)
            record(_updated(user, ["active"]), by=by, at=at)
    return user


def _updated(user: User, changed: Sequence[str]) -> UserUpdated:
    held = user.assignments.order_by("position").values_list("role__name", flat=True)
    return UserUpdated(
        about=user.about, roles=list(held), active=user.is_active, changed=list(changed)
    )


def welcome(
    *,
    email: str,
    connector: str,
    display_name: str,
    traits: Mapping[str, Sequence[str]],
    roles: Sequence[str],
    by: Actor,
    at: datetime,
) -> User:
    """A new user who came through a connector and is managed by it; `InvalidInput` for what is no
    address. Roles that do not exist are passed over, with a line in the log."""
    user = User(
        email=_email(email),
        display_name=display_name[:EMAIL_LENGTH],
        traits=_plain(traits),
        managed_by=connector,
        created_at=at,
    )
    _create(user, None, _known_role_ids(roles, connector), by, at)
    return user


def keep_up(
    *,
    user: User,
    display_name: str,
    traits: Mapping[str, Sequence[str]],
    roles: Sequence[str],
    by: Actor,
    at: datetime,
) -> None:
    """Give a managed, locked user what the connector says now; without a change, no event."""
    wanted: dict[str, Any] = {"traits": _plain(traits)}
    if display_name:
        wanted["display_name"] = display_name[:EMAIL_LENGTH]
    _change(user, wanted, _known_role_ids(roles, user.managed_by), by, at)


def _change(
    user: User, wanted: dict[str, Any], role_ids: dict[str, Any], by: Actor, at: datetime
) -> bool:
    """Change what differs; whether anything did."""
    changed = [field for field in wanted if getattr(user, field) != wanted[field]]
    changed += ["roles"] if list(_held_by(user).values()) != list(role_ids.values()) else []
    if changed:
        _update(user, wanted, role_ids, changed, by, at)
    return bool(changed)


def _held_by(user: User) -> dict[str, Any]:
    held = user.assignments.order_by("position").values_list("role__name", "role_id")
    return dict(held)


def _plain(traits: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    return {name: list(values) for name, values in traits.items()}


def _create(
    user: User, password: str | None, role_ids: dict[str, Any], by: Actor, at: datetime
) -> None:
    if password is None:
        user.set_unusable_password()
    else:
        user.set_password(password)
    user.save()
    _assign(user, role_ids)
    event = UserCreated(about=user.about, roles=list(role_ids), active=user.is_active)
    record(event, by=by, at=at)


def _update(
    user: User,
    wanted: dict[str, Any],
    role_ids: dict[str, Any],
    changed: list[str],
    by: Actor,
    at: datetime,
) -> None:
    if wanted.get("is_bot") and user.bots.exists():
        raise InvalidInput(f"{user.email} owns bots and cannot become one.")
    for field, value in wanted.items():
        setattr(user, field, value)
    user.save()
    _shut_out(user)
    if "roles" in changed:
        user.assignments.all().delete()
        _assign(user, role_ids)
    event = UserUpdated(
        about=user.about,
        roles=list(role_ids),
        active=user.is_active,
        changed=[field.removesuffix("_id") for field in changed],
    )
    record(event, by=by, at=at)


def _shut_out(user: User) -> None:
    """A link to set a password does not come back to life with the user."""
    if not user.is_active:
        invitations.withdraw(user)


def _assign(user: User, role_ids: dict[str, Any]) -> None:
    RoleAssignment.objects.bulk_create(
        RoleAssignment(user=user, role_id=role_id, position=position)
        for position, role_id in enumerate(role_ids.values())
    )


def _role_ids(names: Sequence[str]) -> dict[str, Any]:
    """The ids of these roles in their order, each once."""
    roles = selectors.roles_named(names)
    unknown = [name for name in names if name not in roles]
    if unknown:
        raise InvalidInput(f"There is no role named {unknown[0][:128]!r}.")
    return {name: roles[name].pk for name in names}


def _known_role_ids(names: Sequence[str], connector: str) -> dict[str, Any]:
    """As `_role_ids`, for names that somebody else's system made up."""
    roles = selectors.roles_named(names)
    unknown = [name for name in names if name not in roles]
    if unknown:
        log.warning("The connector %s gives roles that do not exist: %r", connector, unknown)
    return {name: roles[name].pk for name in names if name in roles}


def _check_connector(name: str) -> None:
    if name and not Connector.objects.filter(name=name).exists():
        raise InvalidInput(f"There is no connector named {name[:80]!r}.")


def _owner_id(owner: str, *, of: str) -> Any:
    if not owner:
        return None
    if normalised_email(owner) == of:
        raise InvalidInput("A bot's owner is a person, not the bot itself.")
    user = User.objects.filter(email=normalised_email(owner), is_bot=False).first()
    if user is None:
        raise InvalidInput(f"The owner {owner[:EMAIL_LENGTH]!r} is not a person known here.")
    return user.pk


def _email(name: str) -> str:
    email = normalised_email(name)
    try:
        validate_email(email)
    except ValidationError as error:
        raise InvalidInput(f"{name[:80]!r} is no e-mail address.") from error
    if len(email) > EMAIL_LENGTH:
        raise InvalidInput(f"An e-mail address has at most {EMAIL_LENGTH} characters.")
    return email


def _check_password(spec: UserSpec) -> None:
    if spec.password is not None and not settings.ACCESSPLANE_PASSWORDS_FROM_DOCUMENTS:
        raise InvalidInput("A password in a document is accepted by the embedded plane only.")
