"""The roles that always exist (CONTRACT 2)."""

from datetime import datetime

from identity.models import Role
from identity.services.roles import digest_of

PRESETS = {
    "admin": (
        "Administers the plane: everything but asking and reviewing",
        {"allow": {"rules": [{"resources": ["*"], "verbs": ["*"]}]}},
    ),
    "auditor": (
        "Reads everything and changes nothing",
        {"allow": {"rules": [{"resources": ["*"], "verbs": ["list", "read"]}]}},
    ),
    "requester": ("For people who ask; fill in what they may ask for", {}),
    "reviewer": ("For people who decide; fill in what they may review", {}),
}


def ensure_presets(*, at: datetime) -> None:
    """Create those of the presets that are missing; one that exists stays as it was edited."""
    Role.objects.bulk_create(
        [
            Role(
                name=name,
                description=description,
                spec=spec,
                digest=digest_of(name, spec),
                created_at=at,
            )
            for name, (description, spec) in PRESETS.items()
        ],
        ignore_conflicts=True,
    )
