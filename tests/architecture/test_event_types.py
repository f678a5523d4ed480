"""The types of events are a promise: whoever reads the stream relies on their names."""

import ast

from audit.catalogue import EVENT_TYPES
from tests.architecture.source import product

CHANGES = {"created", "updated", "archived"}
PUBLISHED = {
    "access_request": {
        "created",
        "reviewed",
        "checked",
        "check_held",
        "approved",
        "denied",
        "expired",
        "cancelled",
    },
    "grant": {"scheduled", "started", "extended", "ending_soon", "ended", "revoked", "expired"},
    "credential": {"issued"},
    "lease": {"applied", "failed", "removed"},
    "posting": {"failed", "retried"},
    "user": CHANGES
    | {"invited", "address_confirmed", "account_linked", "account_unlinked"}
    | {"delegated", "delegation_ended"}
    | {"factor_added", "factor_removed", "session_ended"},
    "role": CHANGES,
    "connector": CHANGES,
    "workflow": CHANGES,
    "channel": CHANGES,
    "route": CHANGES,
    "target": CHANGES,
    "login": {"succeeded", "failed"},
    "token": {"created", "revoked"},
}
NAMES = {f"{noun}.{verb}" for noun, verbs in PUBLISHED.items() for verb in verbs}


def test_every_type_is_one_that_was_published():
    assert set(EVENT_TYPES) - NAMES == set()


def test_the_classes_of_events_stand_in_events_modules():
    """Where whoever looks for what can happen will look."""
    found = [
        module.at(node)
        for module in product()
        if module.floor != "events"
        for node in module.nodes()
        if isinstance(node, ast.ClassDef)
        and any(isinstance(base, ast.Name) and base.id in _shapes() for base in node.bases)
    ]

    assert found == []


def test_a_class_says_what_it_is_called_for():
    """`GrantRevoked` for grant.revoked: the same words in another order of letters."""
    for name, event in EVENT_TYPES.items():
        verb = name.partition(".")[2]
        assert event.__name__.endswith(verb.title().replace("_", "")), (name, event)


def _shapes() -> set[str]:
    named = {base.__name__ for event in EVENT_TYPES.values() for base in event.__mro__}
    return named - {"object"}
