"""Several decisions at once: each by itself, through the one use case."""

from uuid import UUID

from audit.models import AuditEvent
from requests_app.states import RequestState
from reviews.models import Review
from reviews.services import deciding
from reviews.services.deciding import Ruling
from reviews.thresholds import Decision
from tests import deeds
from tests.cast import NOON, actor_of


def decide(reviewer, *rulings):
    found = deciding.decide_each(rulings, reviewer=reviewer, by=actor_of(reviewer), at=NOON)
    return [outcome.refusal.code if outcome.refusal else "" for outcome in found]


def ruling(request, decision="APPROVE", reason="because"):
    pk = request if isinstance(request, UUID) else request.pk
    return Ruling(request_id=pk, decision=Decision(decision), reason=reason)


def test_each_is_decided_with_its_own_reason(bob, carol, alice):
    web = deeds.ask(carol, "staging-web")
    db = deeds.ask(bob, "staging-db")

    assert decide(alice, ruling(web, reason="go"), ruling(db, "DENY", "no ticket")) == ["", ""]

    web.refresh_from_db()
    db.refresh_from_db()
    assert (web.state, web.resolve_reason) == (RequestState.APPROVED, "go")
    assert (db.state, db.resolve_reason) == (RequestState.DENIED, "no ticket")


def test_one_that_is_refused_stops_no_other(bob, carol, alice):
    own = deeds.ask(alice, "staging-web")
    settled = deeds.ask(bob, "staging-web")
    deeds.cancel(settled, bob)
    last = deeds.ask(carol, "staging-web")
    missing = UUID(int=7)

    codes = decide(alice, *map(ruling, (missing, own, settled, last)))

    assert codes == ["not_found", "own_request", "already_resolved", ""]
    assert [review.request_id for review in Review.objects.all()] == [last.pk]


def test_the_same_sent_twice_counts_once_and_is_no_refusal(bob, alice):
    request = deeds.ask(bob, "dba")
    decide(alice, ruling(request))
    before = AuditEvent.objects.count()

    assert decide(alice, ruling(request)) == [""]

    assert Review.objects.count() == 1
    assert AuditEvent.objects.count() == before


def test_another_decision_than_before_is_refused(bob, alice):
    request = deeds.ask(bob, "dba")
    decide(alice, ruling(request))

    assert decide(alice, ruling(request, "DENY")) == ["already_reviewed"]
    assert decide(alice, ruling(request, reason="for another reason")) == ["already_reviewed"]
    assert Review.objects.get().decision == Decision.APPROVE
