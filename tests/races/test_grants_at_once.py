"""Grants that are started, ended, revoked, extended and expired by two at once."""

from collections import Counter
from functools import partial

import pytest

from audit.models import AuditEvent
from requests_app.services import timekeeping
from tests.deeds import (
    approve,
    ask,
    end,
    extend,
    granted_dba,
    has_access,
    later,
    revoke,
)
from tests.races.at_once import at_once, refusals

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


def told_of(*objects):
    """How often each event was told of these objects."""
    about = [one.pk for one in objects]
    return Counter(AuditEvent.objects.filter(about_id__in=about).values_list("type", flat=True))


def test_two_jobs_at_once_note_everything_once(bob, alice, ivan, rounds):
    for at in rounds:
        begins = later(of=at, hours=2)
        grant = granted_dba(bob, at=at, start_time=begins)
        warned, over = grant.warn_at, grant.ends_at

        noted = [
            at_once(*[partial(timekeeping.keep_time, at=now)] * 3)
            for now in (begins, warned, over)
        ]

        assert [sum(one) for one in noted] == [1, 1, 1]
        assert told_of(grant) == {
            "grant.scheduled": 1,
            "grant.started": 1,
            "grant.ending_soon": 1,
            "grant.expired": 1,
        }


def test_two_jobs_at_once_expire_a_request_once(bob, rounds):
    for at in rounds:
        request = ask(bob, at=at)

        noted = at_once(*[partial(timekeeping.keep_time, at=request.pending_expires_at)] * 3)

        assert sum(noted) == 1
        assert told_of(request)["access_request.expired"] == 1


def test_r7_5_two_first_questions_start_a_grant_once(bob, rounds):
    for at in rounds:
        begins = later(of=at, hours=2)
        grant = granted_dba(bob, at=at, start_time=begins)

        answers = at_once(*[partial(has_access, bob, at=begins)] * 3)

        assert answers == [True, True, True]
        assert told_of(grant)["grant.started"] == 1


def test_ending_and_revoking_at_once_close_a_grant_once(bob, alice, rounds):
    for at in rounds:
        grant = granted_dba(bob, at=at)

        results = at_once(partial(end, grant, bob, at=at), partial(revoke, grant, alice, at=at))

        grant.refresh_from_db()
        assert grant.state in {"ENDED", "REVOKED"}
        assert refusals(results) == ([] if grant.state == "REVOKED" else ["wrong_state"])
        assert told_of(grant) == {"grant.started": 1, f"grant.{grant.state.lower()}": 1}
        assert not has_access(bob, at=at)


def test_r8_2_an_extension_is_approved_while_its_grant_ends(bob, alice, ivan, rounds):
    for at in rounds:
        grant = granted_dba(bob, at=at, duration=later(hours=1) - later())
        extension = extend(grant, bob, at=at)
        approve(extension, alice, at=at)

        results = at_once(
            partial(approve, extension, ivan, at=at), partial(end, grant, bob, at=at)
        )

        grant.refresh_from_db()
        extension.refresh_from_db()
        extended = extension.state == "APPROVED"
        assert grant.state == "ENDED"
        assert extension.state in {"APPROVED", "CANCELLED"}
        assert refusals(results) == ([] if extended else ["already_resolved"])
        assert told_of(grant)["grant.extended"] == int(extended)
        assert told_of(extension)[f"access_request.{extension.state.lower()}"] == 1
        assert not has_access(bob, at=at)


def test_r8_2_an_extension_is_approved_while_its_grant_is_revoked_and_the_job_runs(
    bob, alice, ivan, rounds
):
    for at in rounds:
        grant = granted_dba(bob, at=at)
        extension = extend(grant, bob, at=at)
        approve(extension, alice, at=at)

        at_once(
            partial(approve, extension, ivan, at=at),
            partial(revoke, grant, ivan, at=at),
            partial(timekeeping.keep_time, at=at),
        )

        grant.refresh_from_db()
        extension.refresh_from_db()
        assert grant.state == "REVOKED"
        assert extension.state in {"APPROVED", "CANCELLED"}
        assert told_of(extension)[f"access_request.{extension.state.lower()}"] == 1


def test_r8_2_a_second_extension_at_once_is_refused(bob, rounds):
    for at in rounds:
        grant = granted_dba(bob, at=at)

        results = at_once(*[partial(extend, grant, bob, at=at)] * 3)

        assert refusals(results) == ["duplicate_request", "duplicate_request"]
        assert grant.extensions.count() == 1
