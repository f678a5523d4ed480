"""Roles from documents."""

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from accessplane.lib.actors import Actor
from audit.recorder import record
from identity import foreign, reviewable
from identity.documents import Document
from identity.events import RoleCreated, RoleUpdated
from identity.models import Role, User
from identity.role_spec import RoleSpec, check_role_name, parse_role
from identity.services.outcomes import Outcome, Result


def apply_role(document: Document, *, by: Actor, at: datetime) -> Outcome:
    """Create the role or make it say what the document says; `InvalidInput` if that is wrong."""
    check_role_name(document.name)
    spec, left_out = foreign.without_foreign_fields(document.spec)
    parsed = parse_role(document.name, spec)
    warnings = [f"{document.place}: {path} has no effect here." for path in left_out]
    role = Role.objects.select_for_update().filter(name=document.name).first()
    wanted = {
        "description": document.metadata.description,
        "labels": document.metadata.labels,
        "digest": digest_of(document.name, spec),
    }
    if role is not None and all(getattr(role, field) == wanted[field] for field in wanted):
        return Outcome(document, Result.UNCHANGED, warnings)
    return Outcome(document, _save(role, parsed, wanted | {"spec": spec}, by, at), warnings)


def unknown_suggestions(document: Document) -> list[str]:
    """A warning for each suggested reviewer who is passed over (SEMANTICS 9.1)."""
    suggested = parse_role(
        document.name, foreign.without_foreign_fields(document.spec)[0]
    ).allow.request.suggested_reviewers
    wanted = [email.lower() for email in suggested]
    active = User.objects.filter(is_active=True, email__in=wanted)
    known = set(active.values_list("email", flat=True))
    return [
        f"{document.place}: the suggested reviewer {email} is no active user and is passed over."
        for email in wanted
        if email not in known
    ]


def digest_of(name: str, spec: Mapping[str, Any]) -> str:
    """A text that is the same for the same role document, and for no other."""
    text = json.dumps([name, spec], sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _save(
    role: Role | None, parsed: RoleSpec, wanted: Mapping[str, Any], by: Actor, at: datetime
) -> Result:
    created = role is None
    role = role or Role(name=parsed.name, created_at=at)
    for field, value in wanted.items():
        setattr(role, field, value)
    role.reviews = reviewable.may_review_any(parsed)
    role.save()
    event = RoleCreated if created else RoleUpdated
    record(event(about=role.about, spec=role.spec), by=by, at=at)
    return Result.CREATED if created else Result.UPDATED
