"""Identifiers of rows that people and programs refer to."""

from uuid import UUID

from uuid_utils.compat import uuid7


def new_id() -> UUID:
    """A version 7 UUID: unguessable enough to share, and later ids sort after earlier ones."""
    return uuid7()
