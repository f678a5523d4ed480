"""The admin of users, roles and API tokens, for security teams."""

from identity.admin import roles, tokens, users

__all__ = ["roles", "tokens", "users"]
