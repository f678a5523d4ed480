"""The standing world, in tables."""

from identity.models.connector import Connector, SamlAssertion
from identity.models.invitation import Invitation
from identity.models.role import Role, RoleAssignment
from identity.models.token import ApiToken
from identity.models.user import User

__all__ = [
    "ApiToken",
    "Connector",
    "Invitation",
    "Role",
    "RoleAssignment",
    "SamlAssertion",
    "User",
]
