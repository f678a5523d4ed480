"""Functions fit on a screen, modules into a head. No exceptions: cut it where it hurts."""

import ast

from tests.architecture.source import product

LONGEST_FUNCTION = 45
LONGEST_MODULE = 400


def test_there_is_something_to_measure():
    assert len(product()) > 100
    assert {"requests_app", "reviews", "audit", "identity", "clients"} <= {
        module.app for module in product()
    }


def test_no_function_is_longer_than_a_screen():
    too_long = [
        f"{module.at(node)} {node.name}: {length} lines"
        for module in product()
        for node in module.nodes()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (length := node.end_lineno - node.lineno + 1) > LONGEST_FUNCTION
    ]

    assert too_long == []


def test_no_module_is_longer_than_its_limit():
    too_long = [
        f"{module.name}: {module.lines} lines"
        for module in product()
        if module.lines > LONGEST_MODULE
    ]

    assert too_long == []
