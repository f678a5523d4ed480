"""Workflows are asked by workers alone: the web's process runs no function and calls nobody."""

import ast

from tests.architecture.source import dotted, product

ENGINES = {"policy.engines.registry", "policy.engines.python", "policy.engines.webhook"}
MAY_ASK = {"policy/engines/registry.py", "reviews/services/checking.py"}


def imported(node: ast.AST) -> set[str]:
    """The modules that an import names, or could name."""
    if isinstance(node, ast.Import):
        return {alias.name for alias in node.names}
    if isinstance(node, ast.ImportFrom):
        return {f"{node.module}", *(f"{node.module}.{alias.name}" for alias in node.names)}
    return set()


def test_the_engines_that_ask_are_known_to_one_service():
    found = {
        module.name
        for module in product()
        for node in module.nodes()
        if imported(node) & ENGINES
    }

    assert found == MAY_ASK


def test_that_service_asks_for_tasks_alone():
    found = {
        module.name
        for module in product()
        for node in module.nodes()
        if isinstance(node, ast.Call) and dotted(node.func) == "checking.ask"
    }

    assert found == {"reviews/tasks.py"}
