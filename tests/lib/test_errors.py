"""The four kinds of refusal."""

import pickle

import pytest

from accessplane.lib.errors import Conflict, DomainError, InvalidInput, NotFound, NotPermitted


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        (InvalidInput, "invalid_input"),
        (NotPermitted, "not_permitted"),
        (NotFound, "not_found"),
        (Conflict, "wrong_state"),
    ],
)
def test_each_kind_has_its_code_and_keeps_the_sentence(kind, code):
    refusal = kind("Nothing was requested.")

    assert isinstance(refusal, DomainError)
    assert refusal.code == code
    assert str(refusal) == refusal.detail == "Nothing was requested."
    assert refusal.errors == {}


def test_a_refusal_names_the_fields_at_fault():
    fields = {"roles": ["Name a role."]}

    refusal = InvalidInput("The request is not complete.", errors=fields)
    fields["reason"] = ["Give one."]

    assert refusal.errors == {"roles": ["Name a role."]}


def test_a_refusal_survives_the_way_through_a_queue():
    refusal = pickle.loads(pickle.dumps(Conflict("It is over.", errors={"state": ["DENIED"]})))  # noqa: S301

    assert (refusal.detail, refusal.errors) == ("It is over.", {"state": ["DENIED"]})
