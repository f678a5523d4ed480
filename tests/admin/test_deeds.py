"""What is done from the admin is done by use cases, in the name of whoever did it."""

from datetime import timedelta

import pytest
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session
from django.test import Client

from audit.models import AuditEvent
from chatops.models import LinkedAccount, Posting
from identity.models import ApiToken, User
from requests_app.models import AccessRequest, Grant
from tests import cast, deeds
from tests.admin.conftest import last_event


def address(model: str, obj, deed: str) -> str:
    return f"/admin/{model}/{obj.pk}/do/{deed}/"


def message_of(answer) -> str:
    return " ".join(str(one) for one in answer.context["messages"])


# --- requests and grants ------------------------------------------------------------------------


@pytest.mark.parametrize("state", ["APPROVED", "DENIED"])
def test_a_forced_decision_has_a_name_a_reason_and_what_it_skipped(stage, dana, state):
    path = address("requests_app/accessrequest", stage.pending, "force")

    answer = dana.post(path, {"state": state, "reason": "the pager\r\nrings"}, follow=True)

    assert f"You {state.lower()} this request" in message_of(answer)
    stage.pending.refresh_from_db()
    assert (stage.pending.state, stage.pending.forced) == (state, True)
    event = last_event(f"access_request.{state.lower()}")
    assert (event.actor_name, event.actor_kind) == ("dana@example.com", "user")
    assert (event.data["reason"], event.data["forced"]) == ("the pager\nrings", True)
    assert event.data["skipped_thresholds"] == ["two people"]


def test_a_forced_decision_needs_a_reason_and_a_decision(stage, dana):
    path = address("requests_app/accessrequest", stage.pending, "force")
    before = AuditEvent.objects.count()

    blank = dana.post(path, {"state": "APPROVED", "reason": "  "})
    other = dana.post(path, {"state": "CANCELLED", "reason": "x"})

    assert (blank.status_code, other.status_code) == (400, 400)
    assert "reason" in blank.context["form"].errors
    assert "state" in other.context["form"].errors
    stage.pending.refresh_from_db()
    assert (stage.pending.state, AuditEvent.objects.count()) == ("PENDING", before)


def test_nobody_forces_an_own_request(stage, signed_in):
    cast.apply(cast.person("dana", roles=["admin", "developer"]))
    own = deeds.ask(cast.called("dana"), "dba")
    before = AuditEvent.objects.count()

    answer = signed_in("dana").post(
        address("requests_app/accessrequest", own, "force"),
        {"state": "APPROVED", "reason": "me"},
    )

    assert answer.status_code == 403
    own.refresh_from_db()
    assert (own.state, AuditEvent.objects.count()) == ("PENDING", before)


def test_what_is_resolved_stays_so(stage, dana):
    deeds.cancel(stage.pending, cast.called("bob"))
    before = AuditEvent.objects.count()
    page = f"/admin/requests_app/accessrequest/{stage.pending.pk}/change/"

    assert "/do/force/" not in dana.get(page).content.decode()
    path = address("requests_app/accessrequest", stage.pending, "force")
    answer = dana.post(path, {"state": "APPROVED", "reason": "x"}, follow=True)

    assert "CANCELLED" in message_of(answer)
    assert AccessRequest.objects.get(pk=stage.pending.pk).state == "CANCELLED"
    assert AuditEvent.objects.count() == before


def test_a_grant_is_revoked_with_a_reason(stage, dana):
    path = address("requests_app/grant", stage.grant, "revoke")

    refused = dana.post(path, {"reason": ""})
    done = dana.post(path, {"reason": "a leak"}, follow=True)

    assert refused.status_code == 400
    assert "does not hold staging-web through this grant any more" in message_of(done)
    event = last_event("grant.revoked")
    assert (event.actor_name, event.data["reason"]) == ("dana@example.com", "a leak")
    assert not deeds.has_access(cast.called("bob"), "staging-web")


def test_a_grant_whose_start_has_come_is_shown_as_it_is(stage, dana, clock):
    later = clock.now() + timedelta(hours=1)
    request = deeds.ask(cast.called("bob"), "staging-db", start_time=later)
    deeds.approve(request, cast.called("alice"))
    grant = request.grants.get()
    assert grant.state == "SCHEDULED"

    clock.move(hours=2)
    listed = dana.get("/admin/requests_app/grant/").context["cl"].result_list
    shown = dana.get(f"/admin/requests_app/grant/{grant.pk}/change/").content.decode()

    assert "Active" in shown
    assert {one.pk: one.state for one in listed}[grant.pk] == "ACTIVE"
    assert Grant.objects.get(pk=grant.pk).state == "ACTIVE"


# --- people -------------------------------------------------------------------------------------


def test_who_is_deactivated_is_let_in_no_longer_and_comes_back(stage, dana, signed_in):
    bob = cast.called("bob")
    bobs = signed_in("bob")

    dana.post(address("identity/user", bob, "deactivate"))

    event = last_event("user.updated")
    assert (event.data["active"], event.data["changed"]) == (False, ["active"])
    assert event.data["roles"] == ["developer", "engineering"]
    assert not deeds.has_access(bob, "staging-web")
    assert bobs.get("/").status_code == 302
    dana.post(address("identity/user", bob, "activate"))
    assert deeds.has_access(bob, "staging-web")
    assert AuditEvent.objects.filter(type="user.updated", actor_via="admin").count() == 2


def test_nobody_locks_oneself_out(stage, dana):
    before = AuditEvent.objects.count()

    answer = dana.post(address("identity/user", cast.called("dana"), "deactivate"))

    assert answer.status_code == 403
    assert cast.called("dana").is_active
    assert AuditEvent.objects.count() == before


def test_sessions_end_those_of_one_user_and_no_others(stage, dana):
    bob, alices = cast.called("bob"), deeds.sign_in(cast.called("alice"))
    bobs = [deeds.sign_in(bob), deeds.sign_in(bob)]

    answer = dana.post(address("identity/user", bob, "end-sessions"), follow=True)

    assert "Sessions that ended: 2." in message_of(answer)
    assert [one.get("/").status_code for one in bobs] == [302, 302]
    assert alices.get("/").status_code == 200
    ended = AuditEvent.objects.filter(type="user.session_ended", about_name=bob.email)
    assert {(one.actor_name, one.actor_via) for one in ended} == {("dana@example.com", "admin")}
    assert ended.count() == 2
    owners = {one.get_decoded().get(SESSION_KEY) for one in Session.objects.all()}
    assert str(bob.pk) not in owners
    again = dana.post(address("identity/user", bob, "end-sessions"), follow=True)
    assert "signed in nowhere" in message_of(again)
    assert ended.count() == 2


def test_a_revoked_token_opens_nothing(stage, dana, clock):
    dana.post(address("identity/apitoken", stage.token, "revoke"))

    token = ApiToken.objects.get(pk=stage.token.pk)
    assert not token.is_open(clock.now())
    event = last_event("token.revoked")
    assert (event.actor_name, event.data) == ("dana@example.com", {"user": "bob@example.com"})
    assert dana.post(address("identity/apitoken", token, "revoke")).status_code == 404


def test_an_unlinked_account_acts_as_nobody(stage, dana):
    answer = dana.post(address("chatops/linkedaccount", stage.account, "unlink"), follow=True)

    assert answer.redirect_chain[-1][0] == "/admin/chatops/linkedaccount/"
    assert not LinkedAccount.objects.exists()
    event = last_event("user.account_unlinked")
    assert event.data == {"channel": "hook", "account": "U123"}
    assert event.about_name == "bob@example.com"


# --- messages -----------------------------------------------------------------------------------


def test_a_sample_says_how_it_went(stage, dana):
    channel = stage.posting.channel

    answer = dana.post(address("chatops/channelconfig", channel, "sample"), follow=True)

    assert "The sample did not arrive. 127.0.0.1 is at an address" in message_of(answer)


def test_what_failed_is_sent_again(stage, dana):
    answer = dana.post(address("chatops/posting", stage.posting, "send-again"), follow=True)

    assert "It is being sent again." in message_of(answer)
    stage.posting.refresh_from_db()
    assert stage.posting.state == "DUE"
    assert last_event("posting.retried").actor_name == "dana@example.com"
    answer = dana.post(address("chatops/posting", stage.posting, "send-again"), follow=True)
    assert "Only what failed is sent again." in message_of(answer)


def test_several_that_failed_are_sent_again_at_once(stage, dana):
    failed = list(Posting.objects.filter(state="FAILED"))
    assert len(failed) > 1

    answer = dana.post(
        "/admin/chatops/posting/",
        {"action": "send_these_again", "_selected_action": [str(one.pk) for one in failed]},
        follow=True,
    )

    assert f"Messages that are sent again: {len(failed)}." in message_of(answer)
    retried = AuditEvent.objects.filter(type="posting.retried", actor_via="admin")
    assert retried.count() == len(failed)


def test_who_only_reads_channels_sends_nothing_again(stage, signed_in):
    answer = signed_in("reads-channel").post(
        "/admin/chatops/posting/",
        {"action": "send_these_again", "_selected_action": [str(stage.posting.pk)]},
    )

    assert answer.status_code in {200, 302}
    assert Posting.objects.get(pk=stage.posting.pk).state == "FAILED"
    assert not AuditEvent.objects.filter(type="posting.retried").exists()


# --- the sign-out -------------------------------------------------------------------------------


def test_signing_out_is_signing_out_everywhere(stage, dana: Client):
    answer = dana.post("/admin/logout/")

    assert answer.headers["Location"] == "/accounts/login/"
    assert dana.get("/admin/").status_code == 302
    assert User.objects.filter(email="dana@example.com", is_active=True).exists()
