"""Which roles take a fresh second factor, and what counts as one (SEMANTICS 6.8)."""

import ast
from datetime import timedelta

import pytest

from accessplane.lib.actors import Actor, ActorKind, Via, console, system
from accessplane.lib.errors import InvalidInput
from identity.proof import demand_of, lacks_proof
from tests.architecture.source import product
from tests.cast import NOON

SENSITIVE = {"sensitive": "true"}
DEMAND = demand_of(["sensitive=true", "tier=0*"], "10m")


def person(**ago: float) -> Actor:
    """Alice on the pages, who proved her factor so long ago; never if nothing is said."""
    proved = NOON - timedelta(**ago) if ago else None
    return Actor(kind=ActorKind.USER, name="alice", via=Via.WEB, factor_at=proved)


def bot(via: Via) -> Actor:
    return Actor(kind=ActorKind.BOT, name="robot", via=via, factor_at=NOON)


@pytest.mark.parametrize(
    ("labels", "is_sensitive"),
    [
        ([SENSITIVE], True),
        ([{}, SENSITIVE], True),
        ([{"tier": "0a"}], True),
        ([{"tier": "1"}], False),
        ([{"sensitive": "false"}], False),
        ([{"Sensitive": "true"}], False),
        ([{}], False),
        ([], False),
    ],
)
def test_one_sensitive_role_is_enough(labels, is_sensitive):
    assert lacks_proof(DEMAND, labels, person(), NOON) is is_sensitive


@pytest.mark.parametrize(
    ("actor", "lacks"),
    [
        (person(), True),
        (person(seconds=0), False),
        (person(minutes=9, seconds=59), False),
        (person(minutes=10), True),
        (person(days=300), True),
        (person(seconds=-30), False),
        (person(days=-1), True),
        (bot(Via.API), True),
        (bot(Via.WEB), True),
        (bot(Via.SYSTEM), False),
        (system("a job"), False),
        (console("a command"), True),
    ],
)
def test_what_counts_as_a_fresh_proof(actor, lacks):
    assert lacks_proof(DEMAND, [SENSITIVE], actor, NOON) is lacks


def test_nothing_is_demanded_where_no_label_is_named():
    assert not lacks_proof(demand_of([], "10m"), [SENSITIVE], person(), NOON)


@pytest.mark.parametrize("text", ["sensitive", "=true", "sensitive=", "", "tier=^(.$"])
def test_a_label_that_would_demand_nothing_is_refused(text):
    with pytest.raises(InvalidInput):
        demand_of([text], "10m")


@pytest.mark.parametrize("fresh", ["", "0", "soon"])
def test_so_is_a_length_that_is_none(fresh):
    with pytest.raises(InvalidInput):
        demand_of(["sensitive=true"], fresh)


def test_only_the_session_of_a_person_says_when_a_factor_was_proved():
    found = [
        module.name
        for module in product()
        for node in ast.walk(module.tree)
        if isinstance(node, ast.keyword) and node.arg == "factor_at"
    ]

    assert found == ["identity/sessions.py"]
