"""The plane of the rules, whose answers are held against the OpenAPI document."""

from tests.rules.conftest import bare, clock, plane

__all__ = ["bare", "clock", "plane"]
