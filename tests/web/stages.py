"""What there is to see on the pages: some things, none, a crowd of a thousand requests, or the longest
names. The organisation is that of `examples/demo/`."""

from collections.abc import Callable
from datetime import datetime, timedelta

from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from django.conf import settings

from accessplane.lib.actors import console
from accessplane.management.files import documents_of
from chatops.models import ChannelConfig
from identity import documents
from identity.models import Invitation
from identity.services import addresses, configuration
from identity.services.tokens import create_token, digest_of
from tests import deeds
from tests.cast import called

STAGE = console("tests")
LONG = "production-payments-database-cluster-eu-central-1-read-and-write-with-personal-data"
LONG = f"{LONG}/{'x' * (127 - len(LONG))}"
LONG_PERSON = (
    "maximiliane-alexandra.von-und-zu-hohenlohe-waldenburg-schillingsfuerst@example.com"
)
LONG_REASON = (
    "The nightly job that closes the books of all subsidiaries has locked the table of orders "
    "since three in the morning, and nobody can place one. "
    * 6
    + "https://tickets.example.com/browse/"
    + "OPS-4711" * 12
    + " ticket #1"
)
CROWD = 1_000
Requests = dict[str, object]


def furnish(stage: str, at: datetime) -> dict[str, str]:
    """Set this stage; the ids of what is there, by what they are called in the list of pages."""
    configuration.apply_documents(
        documents_of(settings.BASE_DIR / "examples" / "demo"),
        by=STAGE,
        may=configuration.everything,
        at=at - timedelta(days=2),
    )
    _apply({"kind": "user", "name": "mallory@example.com", "spec": {}}, at=at)
    made = _STAGES[stage](at)
    return {name: str(getattr(one, "pk", one)) for name, one in made.items()}


def _apply(*described: dict, at: datetime) -> None:
    values = [
        {
            "kind": one["kind"],
            "version": "v1",
            "metadata": {"name": one["name"], **one.get("more", {})},
            "spec": one["spec"],
        }
        for one in described
    ]
    configuration.apply_documents(
        documents.from_values(values, source="a test"),
        by=STAGE,
        may=configuration.everything,
        at=at,
    )


def _some(at: datetime) -> dict:
    bob, alice, ivan = (called(name) for name in ("bob", "alice", "ivan"))
    TOTP.activate(alice, "JBSWY3DPEHPK3PXP")
    RecoveryCodes.activate(alice)
    before = at - timedelta(hours=26)
    denied = deeds.ask(bob, "staging-db", at=before, reason="curiosity")
    deeds.deny(denied, alice, at=before + timedelta(minutes=9), reason="not without a ticket")
    _apply(
        {
            "kind": "workflow",
            "name": "ticket",
            "more": {
                "description": "The ticket that the reason names is open.",
                "labels": {"title": "A ticket"},
            },
            "spec": {"engine": "expression", "roles": ["dba"], "expression": _TICKET},
        },
        {
            "kind": "channel",
            "name": "mail",
            "spec": {"type": "email", "settings": {"sender": "access@example.com"}},
        },
        at=at,
    )
    early = at - timedelta(hours=5)
    approved = deeds.ask(
        bob,
        "staging-web",
        at=early,
        reason="ticket #4709: the login page",
        duration=timedelta(hours=6),
    )
    deeds.approve(approved, alice, at=early + timedelta(minutes=4), reason="go ahead")
    late = at - timedelta(minutes=12)
    pending = deeds.ask(
        bob,
        "dba",
        at=late,
        reason="ticket #4711: the nightly job has locked the table of orders.\nI unlock it and watch the next run.",
        duration=timedelta(hours=2),
    )
    deeds.approve(pending, alice, at=at - timedelta(minutes=5), reason="proceed with caution")
    deeds.comment(pending, ivan, at=at - timedelta(minutes=3), reason="Which job is it?")
    deeds.ask(called("carol"), "staging-web", at=late, reason="ticket #4698: the new header")
    channel = ChannelConfig.objects.get(name="mail")
    for name, ttl in (("deploy script", None), ("laptop", timedelta(minutes=30))):
        create_token(user=bob, name=name, ttl=ttl, by=STAGE, at=before)
    mallory, until = called("mallory"), at + timedelta(days=3)
    Invitation.objects.create(
        user=mallory, digest=digest_of("of-mallory"), created_at=at, expires_at=until
    )
    return {
        "invitation": "of-mallory",
        "address": addresses.key_of(mallory, until=until),
        "pending": pending,
        "approved": approved,
        "denied": denied,
        "channel": channel,
        "grant": approved.grants.get(),
    }


_TICKET = 'regexp.match(request.reason, "ticket*")'


def _none(_at: datetime) -> dict:
    return {}


def _long(at: datetime) -> dict:
    _apply(
        {
            "kind": "role",
            "name": LONG,
            "more": {"description": LONG_REASON[:250]},
            "spec": {"allow": {"logins": ["root"]}},
        },
        {
            "kind": "role",
            "name": "long",
            "spec": {
                "allow": {
                    "request": {"roles": [LONG]},
                    "review_requests": {"roles": [LONG]},
                }
            },
        },
        {
            "kind": "user",
            "name": LONG_PERSON,
            "spec": {
                "roles": ["long"],
                "display_name": "Maximiliane Alexandra von und zu Hohenlohe",
            },
        },
        {
            "kind": "user",
            "name": "bob@example.com",
            "spec": {"roles": ["long", "developer", "engineering"], "display_name": "Bob"},
        },
        {
            "kind": "user",
            "name": "ivan@example.com",
            "spec": {"roles": ["long", "engineering", "dba-reviewer"], "display_name": "Ivan"},
        },
        at=at,
    )
    from identity.models import User

    long = User.objects.get(email=LONG_PERSON)
    own = deeds.ask(called("bob"), LONG, at=at, reason=LONG_REASON)
    deeds.approve(own, long, at=at, reason=LONG_REASON)
    pending = deeds.ask(long, LONG, at=at, reason=LONG_REASON)
    deeds.comment(pending, long, at=at, reason=LONG_REASON)
    create_token(user=called("bob"), name="x" * 100, by=STAGE, at=at)
    return {"pending": pending, "role": LONG}


def _crowd(at: datetime) -> dict:
    people = [f"person-{number:03}" for number in range(CROWD // 4)]
    _apply(
        *(
            {
                "kind": "user",
                "name": f"{name}@example.com",
                "spec": {"roles": ["developer", "engineering"]},
            }
            for name in people
        ),
        at=at - timedelta(days=2),
    )
    wanted = (("dba",), ("staging-db",), ("staging-web",), ("staging-db", "staging-web"))
    for number, name in enumerate(people):
        for roles in wanted:
            asked = at - timedelta(minutes=7 * number + len(roles))
            deeds.ask(
                called(name), *roles, at=asked, reason=f"ticket #{4000 + number}: a deploy"
            )
    return {}


_STAGES: dict[str, Callable[[datetime], dict]] = {
    "some": _some,
    "none": _none,
    "long": _long,
    "crowd": _crowd,
}
