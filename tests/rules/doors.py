"""Every door of the plane, read from the address book itself."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver

METHODS = ("get", "post", "put", "patch", "delete")


@dataclass(frozen=True)
class Door:
    """An address and what it may be called with. `route` is as Django has it."""

    route: str
    methods: tuple[str, ...]

    @property
    def is_api(self) -> bool:
        return self.route.startswith("api/")


def doors() -> list[Door]:
    """All doors, in the order of the address book."""
    return list(_below(get_resolver().url_patterns, ""))


def _below(patterns: list[Any], prefix: str) -> Iterator[Door]:
    for pattern in patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from _below(pattern.url_patterns, route)
        else:
            yield Door(route, _methods(pattern))


def _methods(pattern: URLPattern) -> tuple[str, ...]:
    view = pattern.callback
    kind = getattr(view, "cls", None) or getattr(view, "view_class", None)
    if kind is None:
        return ("GET",)
    return tuple(
        name.upper()
        for name in METHODS
        if name in kind.http_method_names and hasattr(kind, name)
    )
