"""A plane with one of everything that the admin shows, and people with all sorts of rights."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from audit import services
from audit.models import AuditEvent, LedgerEntry
from chatops.models import ChannelConfig, Delegation, LinkedAccount, Posting, Route
from chatops.services import sending
from identity.models import ApiToken, Role, User
from identity.services import tokens
from policy.models import Workflow
from requests_app.models import AccessRequest, Grant
from tests import cast, deeds


@pytest.fixture(autouse=True)
def admin_is_loaded():
    """The admin comes with its first page, whichever test is first in its process."""
    reverse("admin:index")


SECRET = "whsec_" + "A" * 43 + "="

MODELS = {
    "identity/user": User,
    "identity/role": Role,
    "identity/apitoken": ApiToken,
    "policy/workflow": Workflow,
    "requests_app/accessrequest": AccessRequest,
    "requests_app/grant": Grant,
    "chatops/channelconfig": ChannelConfig,
    "chatops/route": Route,
    "chatops/posting": Posting,
    "chatops/delegation": Delegation,
    "chatops/linkedaccount": LinkedAccount,
    "audit/ledgerentry": LedgerEntry,
}
# Who may look at one kind of things alone: somebody for each of these kinds.
KINDS = (
    "access_request", "grant", "user", "role", "workflow", "channel", "route", "event", "token",
)  # fmt: skip


@dataclass
class Stage:
    """One of everything; the request that waits, the grant, the token and the account are bob's."""

    pending: AccessRequest
    grant: Grant
    token: ApiToken
    posting: Posting
    account: LinkedAccount

    def one(self, model: str) -> Any:
        """An object of each kind."""
        known = {
            "identity/user": self.grant.user,
            "identity/role": self.grant.role,
            "identity/apitoken": self.token,
            "requests_app/accessrequest": self.pending,
            "requests_app/grant": self.grant,
            "chatops/posting": self.posting,
            "chatops/linkedaccount": self.account,
        }
        return known.get(model) or MODELS[model].objects.first()


def _document(kind: str, name: str, **spec: Any) -> dict[str, Any]:
    return {"kind": kind, "version": "v1", "metadata": {"name": name}, "spec": spec}


def _rules(*kinds: str, verbs: tuple[str, ...] = ("read",)) -> dict[str, Any]:
    return {"rules": [{"resources": list(kinds), "verbs": list(verbs)}]}


@pytest.fixture
def stage(everybody, clock) -> Stage:
    cast.apply(
        *(cast.role(f"reads-{kind}", allow=_rules(kind)) for kind in KINDS),
        *(cast.person(f"reads-{kind}", roles=[f"reads-{kind}"]) for kind in KINDS),
        cast.role("forces", allow=_rules("access_request", verbs=("update",))),
        cast.person("forces", roles=["forces"]),
        cast.person("gone", roles=["admin"], active=False),
        cast.person("butler", roles=["admin"], bot=True, owner="dana@example.com"),
        _document("workflow", "ticket", engine="bot", bot="robot@example.com", roles=["dba"]),
        _document(
            "channel", "hook", type="webhook",
            settings={"url": "http://127.0.0.1:9/", "secret": SECRET},
        ),
        _document("route", "all", channel="hook", events=["access_request.created"]),
    )  # fmt: skip
    bob, alice = cast.called("bob"), cast.called("alice")
    pending = deeds.ask(bob, "dba", reason="ticket #123")
    granted = deeds.ask(bob, "staging-web")
    deeds.approve(granted, alice)
    token, _ = tokens.create_token(
        user=bob, name="laptop", by=cast.actor_of(bob), at=clock.now()
    )
    Delegation.objects.create(
        user=alice,
        delegate=bob,
        starts_at=clock.now(),
        ends_at=clock.now() + timedelta(days=1),
        created_at=clock.now(),
    )
    account = LinkedAccount.objects.create(
        user=bob,
        channel=ChannelConfig.objects.get(),
        external_id="U123",
        linked_at=clock.now(),
    )
    services.drain(at=clock.now())
    sending.send_due(at=clock.now())
    posting = Posting.objects.filter(state="FAILED").first()
    assert posting is not None
    return Stage(pending, granted.grants.get(), token, posting, account)


@pytest.fixture
def signed_in() -> Callable[[str], Client]:
    """`signed_in("dana")`: her browser."""

    def browser(name: str) -> Client:
        client = Client()
        client.force_login(cast.called(name))
        return client

    return browser


@pytest.fixture
def dana(stage, signed_in) -> Client:
    """Dana's browser; she administers the plane."""
    return signed_in("dana")


def events_since(count: int) -> list[AuditEvent]:
    """What was recorded after the first so many events."""
    return list(AuditEvent.objects.order_by("at", "id"))[count:]


def last_event(kind: str) -> AuditEvent:
    """The only event of this type through the admin."""
    return AuditEvent.objects.get(type=kind, actor_via="admin")
