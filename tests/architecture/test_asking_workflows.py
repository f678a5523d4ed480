"""Workflows are asked by workers; a dry run asks functions, in processes of their own."""

import ast

from tests.architecture.source import dotted, product

ENGINES = {
    "policy.engines.on_call",
    "policy.engines.python",
    "policy.engines.registry",
    "policy.engines.webhook",
}
# The registry itself, whoever asks for workers, and whoever asks functions for a dry run.
MAY_ASK = {
    "policy/engines/registry.py",
    "policy/services.py",
    "reviews/services/checking.py",
}


def imported(node: ast.AST) -> set[str]:
    """The modules that an import names, or could name."""
    if isinstance(node, ast.Import):
        return {alias.name for alias in node.names}
    if isinstance(node, ast.ImportFrom):
        return {f"{node.module}", *(f"{node.module}.{alias.name}" for alias in node.names)}
    return set()


def test_the_engines_that_ask_are_known_to_few():
    found = {
        module.name
        for module in product()
        for node in module.nodes()
        if imported(node) & ENGINES
    }

    assert found == MAY_ASK


def test_checks_are_asked_by_tasks_alone():
    found = {
        module.name
        for module in product()
        for node in module.nodes()
        if isinstance(node, ast.Call) and dotted(node.func) == "checking.ask"
    }

    assert found == {"reviews/tasks.py"}


def test_only_a_child_process_imports_what_an_operator_names():
    found = {
        module.name
        for module in product()
        for node in module.nodes()
        if isinstance(node, ast.Call) and dotted(node.func) == "importlib.import_module"
    }

    assert found == {"policy/engines/child.py"}
