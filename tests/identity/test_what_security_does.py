"""Deeds of security teams about other people, as use cases: each asks for the right itself."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.contrib.sessions.models import Session
from django.core import mail

from accessplane.lib.actors import Via
from accessplane.lib.errors import NotFound, NotPermitted
from audit.models import AuditEvent
from chatops.models import ChannelConfig, LinkedAccount
from chatops.services import answers
from identity.models import ApiToken, Invitation
from identity.selectors import subject_of
from identity.services import invitations, sessions, tokens, users
from tests import cast, deeds

DEEDS = ("deactivate", "invite", "end sessions", "revoke", "unlink")


@pytest.fixture
def bobs(bob, noon, clock) -> dict:
    """What is bob's."""
    token, _ = tokens.create_token(user=bob, by=cast.actor_of(bob), at=noon)
    channel = ChannelConfig.objects.create(
        name="chat", type="slack", next_at=noon, paced_at=noon, created_at=noon
    )
    account = LinkedAccount.objects.create(
        user=bob, channel=channel, external_id="U1", linked_at=noon
    )
    deeds.sign_in(bob)
    return {
        "user": bob.pk,
        "invited": cast.called("carol").pk,
        "token": token.pk,
        "account": account.pk,
    }


def do(deed: str, ids: dict, who, at):
    said = {"subject": subject_of(who, at=at), "by": cast.actor_of(who, Via.ADMIN), "at": at}
    match deed:
        case "deactivate":
            return users.set_active(user_id=ids["user"], is_active=False, **said)
        case "invite":
            return invitations.invite(user_id=ids["invited"], **said)
        case "end sessions":
            return sessions.end_sessions_of(user_id=ids["user"], **said)
        case "revoke":
            return tokens.revoke_anybodys_token(token_id=ids["token"], **said)
        case _:
            return answers.unlink_anybodys_account(account_id=ids["account"], **said)


def state() -> list:
    return [
        sorted(cast.User.objects.values_list("email", "is_active")),
        list(ApiToken.objects.values_list("pk", "revoked_at")),
        LinkedAccount.objects.count(),
        Invitation.objects.count(),
        len(mail.outbox),
        Session.objects.count(),
        AuditEvent.objects.count(),
    ]


@pytest.mark.parametrize("deed", DEEDS)
@pytest.mark.parametrize(
    ("who", "refusal"), [("auditor", NotPermitted), ("alice", NotFound), ("mallory", NotFound)]
)
def test_without_the_right_nothing_happens(bobs, noon, deed, who, refusal):
    before = state()

    with pytest.raises(refusal):
        do(deed, bobs, cast.called(who), noon)

    assert state() == before


@pytest.mark.parametrize("deed", DEEDS)
def test_what_is_not_there_is_not_found(bobs, noon, dana, deed):
    with pytest.raises(NotFound):
        do(deed, dict.fromkeys(bobs, uuid4()), dana, noon)


@pytest.mark.parametrize("deed", DEEDS)
def test_each_is_recorded_once_in_the_name_of_who_did_it(bobs, noon, dana, deed):
    before = AuditEvent.objects.count()

    do(deed, bobs, dana, noon)

    event = AuditEvent.objects.order_by("id").last()
    assert AuditEvent.objects.count() == before + 1
    assert (event.actor_name, event.actor_via) == ("dana@example.com", "admin")


def test_what_is_so_already_is_not_recorded(bobs, noon, dana):
    do("deactivate", bobs, dana, noon)
    before = AuditEvent.objects.count()

    do("deactivate", bobs, dana, noon)

    assert AuditEvent.objects.count() == before


def test_a_session_that_is_over_is_not_counted(bobs, noon, dana):
    Session.objects.update(expire_date=noon - timedelta(seconds=1))

    assert do("end sessions", bobs, dana, noon) == 0
