"""Pure: a user as the rules see one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from identity.role_spec import RoleSpec


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """A user with the roles held at one moment.

    `roles` are the static ones in their order: whatever concerns asking, reviewing, forcing and
    asking for others looks at them alone. `elevated` come from grants in force and count for the
    other rules (SEMANTICS 0).
    """

    id: UUID
    email: str
    traits: Mapping[str, Sequence[str]]
    owner_id: UUID | None = None
    is_bot: bool = False
    roles: tuple[RoleSpec, ...]
    elevated: tuple[RoleSpec, ...] = ()

    @property
    def role_names(self) -> list[str]:
        """The names of the static roles, in their order."""
        return [role.name for role in self.roles]

    def may(self, verb: str, resource: str) -> bool:
        """Whether a rule of any role held, statically or elevated, gives the verb."""
        return any(role.gives(verb, resource) for role in (*self.roles, *self.elevated))

    def may_statically(self, verb: str, resource: str) -> bool:
        """Whether a rule of a static role gives the verb (SEMANTICS 3.5, 6.7)."""
        return any(role.gives(verb, resource) for role in self.roles)
