"""SEMANTICS 5.5: an event is seen by people with `read` on `event`, and by whoever sees what it is
about."""

import pytest

from audit import selectors, services
from audit.models import AuditEvent
from audit.selectors import Search
from tests.cast import apply, person, role
from tests.deeds import approve, ask, comment


@pytest.fixture
def story(bob, alice, ivan, noon):
    """Bob asks, Alice and Ivan approve, and the log has it all."""
    request = ask(bob)
    approve(request, alice)
    approve(request, ivan)
    services.drain(at=noon)
    return request


def seen_by(user, at, **search):
    entries = selectors.stream(user=user, search=Search(**search), at=at)
    return [entry.event for entry in entries]


STORY = [
    "access_request.created",
    "access_request.reviewed",
    "access_request.reviewed",
    "access_request.approved",
    "grant.started",
]


@pytest.mark.parametrize("name", ["bob", "alice", "ivan", "auditor", "dana"])
def test_r5_5_who_sees_a_request_sees_its_events(story, name, request, noon):
    who = request.getfixturevalue(name)

    seen = [event.type for event in seen_by(who, noon) if event.about_kind != "user"]
    assert [kind for kind in seen if not kind.startswith("role.")] == STORY


@pytest.mark.parametrize("name", ["carol", "mallory", "robot"])
def test_r5_5_to_everybody_else_it_never_happened(story, name, request, noon):
    who = request.getfixturevalue(name)

    kinds = {event.about_kind for event in seen_by(who, noon)}
    assert kinds <= {"user", "role"}
    assert seen_by(who, noon, about=story.pk) == []


def test_people_see_their_own_standing_and_nobody_elses(story, mallory, noon):
    assert {event.about_id for event in seen_by(mallory, noon)} == {mallory.pk}


def test_the_auditor_sees_everything(story, auditor, noon):
    assert len(seen_by(auditor, noon)) == AuditEvent.objects.count()


def test_an_elevated_role_counts_while_it_is_held(story, bob, noon):
    """Other rules than asking and reviewing count from elevated roles too (SEMANTICS 0)."""
    rules = [{"resources": ["event"], "verbs": ["read"]}]
    apply(role("dba", allow={"rules": rules}))
    grant = story.grants.get()

    assert len(seen_by(bob, noon)) == AuditEvent.objects.filter(entry__isnull=False).count()
    assert len(seen_by(bob, grant.ends_at)) < len(seen_by(bob, noon))


def test_a_remark_makes_nobody_a_reviewer(bob, alice, carol, noon):
    """Carol could see Bob's request only as a reviewer; she was one when she remarked on it."""
    roles = ["contractor", "engineering"]
    apply(person("carol", roles=roles))
    request = ask(bob, "staging-db")
    comment(request, carol)
    apply(person("carol", roles=["contractor"]))
    services.drain(at=noon)

    assert seen_by(carol, noon, about=request.pk) == []


def test_somebody_inactive_sees_nothing_by_a_role(story, auditor, noon):
    apply(person("auditor", roles=["auditor"], active=False))
    auditor.refresh_from_db()

    assert seen_by(auditor, noon, about=story.pk) == []


def test_kinds_that_nobody_answers_for_are_hidden(story, mallory, noon, monkeypatch):
    from audit import visibility

    monkeypatch.setattr(visibility, "_sights", {})

    assert seen_by(mallory, noon) == []
