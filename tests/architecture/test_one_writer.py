"""One writer of state: `requests_app/lifecycle.py` alone moves a request or a grant (ADR 0004)."""

import ast

import pytest

from tests.architecture.source import dotted, product

WRITER = "requests_app/lifecycle.py"
# These apps know neither requests nor grants; what they call a state is their own affair.
STRANGERS = {"accessplane", "audit", "identity", "clients"}
# The one writer of another thing's state: of a posting's.
OTHER_WRITERS = {"chatops/lifecycle.py"}
MODELS = {"AccessRequest", "Grant"}


def writes_state(node: ast.AST) -> bool:
    """Whether the node gives something a new `state`, whatever that is."""
    match node:
        case ast.Attribute(attr="state", ctx=ast.Store() | ast.Del()):
            return True
        case ast.Call(func=ast.Name(id="setattr"), args=[_, ast.Constant(value="state"), *_]):
            return True
        case ast.Call(func=ast.Attribute(attr="update" | "aupdate"), keywords=keywords):
            return any(keyword.arg == "state" for keyword in keywords)
        case ast.Call(func=ast.Attribute(attr="bulk_update"), args=args, keywords=keywords):
            given = [*args, *(keyword.value for keyword in keywords)]
            return any(names_state(one) for one in given)
        case _:
            return makes_a_row(node)


def names_state(node: ast.AST) -> bool:
    return any(isinstance(n, ast.Constant) and n.value == "state" for n in ast.walk(node))


def makes_a_row(node: ast.AST) -> bool:
    """Whether a request or a grant is made here that has a state from the beginning."""
    if not isinstance(node, ast.Call):
        return False
    maker = dotted(node.func).split(".")
    is_model = maker[-1] in MODELS or (
        maker[0] in MODELS and maker[-1] in {"create", "get_or_create", "update_or_create"}
    )
    return is_model and any(keyword.arg == "state" for keyword in node.keywords)


def test_nobody_else_writes_a_state():
    found = [
        module.at(node)
        for module in product()
        if module.app not in STRANGERS and module.name not in {WRITER, *OTHER_WRITERS}
        for node in module.nodes()
        if writes_state(node)
    ]

    assert found == []


def test_the_writer_is_who_we_think():
    (writer,) = [module for module in product() if module.name == WRITER]

    assert sum(writes_state(node) for node in writer.nodes()) >= 4


@pytest.mark.parametrize(
    "line",
    [
        "request.state = 'APPROVED'",
        "request.state, request.reason = to, ''",
        "self.request.state: str = to",
        "grants.filter(pk=1).update(state=to)",
        "Grant.objects.bulk_update(grants, ['ends_at', 'state'])",
        "Grant.objects.bulk_update(grants, fields=['state'])",
        "setattr(request, 'state', to)",
        "Grant(user=bob, state='ACTIVE')",
        "models.Grant(user=bob, state='ACTIVE')",
        "AccessRequest.objects.create(state='APPROVED')",
    ],
)
def test_every_way_of_writing_is_seen(line):
    assert any(writes_state(node) for node in ast.walk(ast.parse(line)))


@pytest.mark.parametrize(
    "line",
    [
        "grants.filter(state='ACTIVE')",
        "state = request.state",
        "request.state == 'APPROVED'",
        "facts.update(reason='')",
    ],
)
def test_reading_is_no_writing(line):
    assert not any(writes_state(node) for node in ast.walk(ast.parse(line)))
