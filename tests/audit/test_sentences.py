"""Every type of event has its sentence, and the sentence says who did what."""

import dataclasses

import pytest

from accessplane.lib.actors import Via
from audit.catalogue import EVENT_TYPES
from audit.sentences import DOORS, SENTENCES, Told, actor_words, door_words, sentence_of

CALLED = {"alice@example.com": "Alice", "bob@example.com": "Bob", "ivan@example.com": "Ivan"}
# What decides between the endings of a sentence.
CHOICES = {"decision": ["APPROVE", "DENY", "COMMENT"], "verdict": ["ALLOW", "DENY", "ABSTAIN"]}


def told(type_, *, actor="Alice", name="dba", whose="Bob", by_the_plane=False, **data):
    return sentence_of(
        Told(
            type=type_,
            actor=actor,
            name=name,
            data=data,
            requester=whose,
            by_the_plane=by_the_plane,
            called=lambda address: CALLED.get(address, address),
        )
    )


def examples():
    for type_, event in sorted(EVENT_TYPES.items()):
        names = [field.name for field in dataclasses.fields(event) if field.name != "about"]
        choice = next((name for name in names if name in CHOICES), None)
        for value in CHOICES.get(choice, ["x"]):
            yield type_, dict.fromkeys(names, "x") | ({choice: value} if choice else {})


@pytest.mark.parametrize("by_the_plane", [True, False])
@pytest.mark.parametrize(("type_", "data"), list(examples()))
def test_every_type_has_a_sentence_of_its_own(type_, data, by_the_plane):
    said = told(type_, by_the_plane=by_the_plane, **data)

    assert type_ in SENTENCES
    assert said != f"Alice: {type_}, dba"
    assert "%" not in said


STORY = [
    ("access_request.created", {"author": "bob@example.com", "requester": "bob@example.com"},
     "Bob asked for dba"),
    ("access_request.created", {"author": "ivan@example.com", "requester": "bob@example.com"},
     "Ivan asked for dba for Bob"),
    ("access_request.created",
     {"author": "bob@example.com", "requester": "bob@example.com", "extends": "id"},
     "Bob asked for more time with dba"),
    ("access_request.reviewed", {"reviewer": "alice@example.com", "decision": "APPROVE"},
     "Alice approved Bob's request for dba"),
    ("access_request.reviewed", {"reviewer": "alice@example.com", "decision": "DENY"},
     "Alice denied Bob's request for dba"),
    ("access_request.approved", {"forced": False}, "Bob's request for dba is approved"),
    ("access_request.approved", {"forced": True},
     "Alice approved Bob's request for dba without its reviewers"),
    ("access_request.cancelled", {}, "Alice took the request for dba back"),
    ("grant.revoked", {"user": "bob@example.com", "role": "dba"}, "Alice revoked Bob's access to dba"),
    ("user.updated", {"changed": ["roles", "traits"]}, "Alice changed dba: roles, traits"),
]  # fmt: skip


@pytest.mark.parametrize(("type_", "data", "said"), STORY)
def test_what_happened_in_one_sentence(type_, data, said):
    assert told(type_, **data) == said


def test_what_the_clock_did_is_nobodys_deed():
    ended = told("access_request.cancelled", actor="Access Plane", by_the_plane=True)
    taken = told("grant.revoked", by_the_plane=True, user="bob@example.com", role="dba")

    assert ended == "Bob's request for more time with dba is void: the access is over"
    assert taken == "Bob's access to dba was taken away before it began"


def test_a_type_that_nobody_knows_is_told_in_general_words():
    assert told("moon.landed", name="Eagle") == "Alice: moon.landed, Eagle"


def test_an_old_event_that_lacks_a_field_is_told_in_general_words():
    assert told("grant.ended") == "Alice: grant.ended, dba"
    assert told("access_request.reviewed", decision="SHRUG") == (
        "Alice: access_request.reviewed, dba"
    )


def test_percent_signs_in_names_are_letters():
    assert told("role.created", name="100%(x)s") == "Alice added the role 100%(x)s"


def test_who_acted():
    assert actor_words("user", "alice@example.com", "web", "Alice") == "Alice"
    assert actor_words("system", "apply", "console", "apply") == "The command apply"
    assert actor_words("system", "timekeeping", "system", "timekeeping") == "Access Plane"


def test_every_door_has_its_words():
    assert set(DOORS) >= set(Via)
    assert door_words("hatch") == "hatch"
