"""Only doors read the clock; everybody else is told the moment (ADR 0005)."""

import ast

import pytest

from tests.architecture.source import dotted, product

OTHER_CLOCKS = {"clients", "bench"}  # a laptop's, and a stopwatch
DOORS = {
    "admin",
    "adapters",
    "connecting",
    "api",
    "apps",
    "consumers",
    "management",
    "stages",
    "subscribers",
    "tasks",
    "web",
}
CLOCKS = {
    "timezone.now",
    "timezone.localtime",
    "timezone.localdate",
    "datetime.now",
    "datetime.utcnow",
    "datetime.today",
    "date.today",
    "time.time",
    "now",  # from django.utils.timezone import now
    "Now",  # the database's clock
}


def reads_clock(node: ast.AST) -> bool:
    """Whether the clock is read here, or handed on to be read."""
    if isinstance(node, ast.Attribute):
        return ".".join(dotted(node).split(".")[-2:]) in CLOCKS
    return isinstance(node, ast.Call) and dotted(node.func) in CLOCKS


def is_door(module) -> bool:
    """The frame is a door, but for its floor, `lib`."""
    if module.app == "accessplane":
        return module.floor != "lib"
    return module.floor in DOORS


def test_only_doors_read_the_clock():
    found = [
        module.at(node)
        for module in product()
        if module.app not in OTHER_CLOCKS and not is_door(module)
        for node in module.nodes()
        if reads_clock(node)
    ]

    assert found == []


@pytest.mark.parametrize(
    "line",
    [
        "at = timezone.now()",
        "at = django.utils.timezone.now()",
        "created_at = DateTimeField(default=timezone.now)",
        "at = now()",
        "at = datetime.now(UTC)",
        "at = datetime.datetime.now(UTC)",
        "day = date.today()",
        "at = time.time()",
        "rows.filter(ends_at__gt=Now())",
    ],
)
def test_every_clock_is_seen(line):
    assert any(reads_clock(node) for node in ast.walk(ast.parse(line)))


def test_a_stopwatch_is_no_clock():
    assert not any(reads_clock(node) for node in ast.walk(ast.parse("time.monotonic()")))


def test_no_field_fills_in_the_time_by_itself():
    found = [
        module.at(node.value)
        for module in product()
        for node in module.nodes()
        if isinstance(node, ast.keyword) and node.arg in {"auto_now", "auto_now_add"}
    ]

    assert found == []
