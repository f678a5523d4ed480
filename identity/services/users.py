"""Users from documents."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from accessplane.lib.actors import Actor
from accessplane.lib.errors import InvalidInput
from audit.recorder import record
from identity import selectors
from identity.documents import Document
from identity.events import UserCreated, UserUpdated
from identity.models import RoleAssignment, User
from identity.services.outcomes import Outcome, Result
from identity.user_spec import EMAIL_LENGTH, UserSpec, normalised_email, parse_user


def apply_user(document: Document, *, by: Actor, at: datetime) -> Outcome:
    """Create the user or change what the document says differently; `InvalidInput` if wrong.

    A password is taken for a new user only: afterwards it belongs to the person.
    """
    spec = parse_user(document.spec)
    _check_password(spec)
    email = _email(document.name)
    user = User.objects.select_for_update().filter(email=email).first()
    role_ids = _role_ids(spec.roles)
    wanted = {
        "display_name": spec.display_name,
        "traits": {name: list(values) for name, values in spec.traits.items()},
        "is_bot": spec.bot,
        "is_active": spec.active,
        "owner_id": _owner_id(spec.owner, of=email),
    }
    if user is None:
        _create(User(email=email, created_at=at, **wanted), spec, role_ids, by, at)
        return Outcome(document, Result.CREATED)
    changed = [field for field in wanted if getattr(user, field) != wanted[field]]
    held = user.assignments.order_by("position").values_list("role_id", flat=True)
    changed += ["roles"] if list(held) != list(role_ids.values()) else []
    if not changed:
        return Outcome(document, Result.UNCHANGED)
    _update(user, wanted, role_ids, changed, by, at)
    return Outcome(document, Result.UPDATED)


def _create(
    user: User, spec: UserSpec, role_ids: dict[str, Any], by: Actor, at: datetime
) -> None:
    if spec.password is None:
        user.set_unusable_password()
    else:
        user.set_password(spec.password)
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
    if wanted["is_bot"] and user.bots.exists():
        raise InvalidInput(f"{user.email} owns bots and cannot become one.")
    for field, value in wanted.items():
        setattr(user, field, value)
    user.save()
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
