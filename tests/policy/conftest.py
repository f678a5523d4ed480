"""The plane that the rules are played on; workflows are documents of it."""

from tests.rules.conftest import bare, clock, plane

__all__ = ["bare", "clock", "plane"]
