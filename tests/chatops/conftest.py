from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest

from accessplane.lib import addresses
from audit import services
from chatops.channels import registry
from chatops.channels.teams import api as teams_api
from chatops.channels.teams import tokens as teams_tokens
from chatops.models import Posting
from chatops.services import sending
from requests_app.models import AccessRequest
from tests import cast, deeds
from tests.cast import NOON
from tests.chatops.fakes.mattermost import Server, chatting
from tests.chatops.fakes.pagerduty import Pager, paging
from tests.chatops.fakes.slack import Workspace, working
from tests.chatops.fakes.teams import SECURITY, Organisation, organising
from tests.chatops.mailbox import Mailbox, mail_server
from tests.chatops.mattermost_door import Desk, mattermost_channel
from tests.chatops.pagerduty_door import pagerduty_channel
from tests.chatops.pigeon import LOFT, Loft, Pigeon, pigeons
from tests.chatops.receiver import Receiver, receiving
from tests.chatops.slack_door import Door, slack_channel
from tests.chatops.teams_door import teams_channel

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


@pytest.fixture(autouse=True)
def loopback_is_open(settings):
    settings.ACCESSPLANE_OUTBOUND_ALLOW = addresses.allowed(["127.0.0.1"])


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as found:
        yield found


@pytest.fixture
def hook(everybody, receiver, clock) -> Receiver:
    """The channel `hook` leads to the receiver, and the route `all` sends every request there."""
    cast.apply(channel("hook", receiver.url), route("all", "hook", events=["access_request.*"]))
    services.drain(at=NOON)
    return receiver


@pytest.fixture
def loft(everybody, clock, monkeypatch) -> Loft:
    """The channel `pigeons`, and what left through it."""
    monkeypatch.setitem(registry._types, "pigeon", Pigeon)
    LOFT.flights.clear()
    cast.apply(pigeons())
    services.drain(at=NOON)
    return LOFT


@pytest.fixture
def slack_space() -> Iterator[Workspace]:
    """Slack, with nobody in it."""
    with working() as found:
        yield found


@pytest.fixture
def door(slack_space, clock) -> Door:
    """The addresses that Slack calls, and Slack who calls them."""
    return Door(slack_space, clock.now)


@pytest.fixture
def space(slack_space, everybody, clock, told):
    """The cast is in Slack, and every request goes to #security as well."""
    for name in ("bob", "alice", "ivan", "carol", "mallory"):
        slack_space.hire(name)
    slack_space.found("security")
    cast.apply(slack_channel(slack_space), route("room", "slack", recipients=["#security"]))
    told()
    return slack_space


@pytest.fixture
def asked(space, door, told):
    """Bob's request for dba, whose cards are out."""
    door.command("U0BOB", "request dba for 2h because ticket #123")
    told()
    return AccessRequest.objects.get()


@pytest.fixture
def told() -> Callable[..., int]:
    """`told(at)`: what was recorded is delivered and sent, as the jobs would; how many were."""

    def tell(at=NOON) -> int:
        services.drain(at=at)
        return sending.send_due(at=at)

    return tell


@pytest.fixture
def tell(told, clock) -> Callable[[], int]:
    """`tell()`: a minute later, everything that was recorded is delivered and sent."""
    return lambda: told(clock.move(minutes=1))


@pytest.fixture
def pager() -> Iterator[Pager]:
    """PagerDuty, with nobody in it."""
    with paging() as found:
        yield found


@pytest.fixture
def payments(pager, everybody, clock, tell) -> str:
    """The cast is in PagerDuty, and requests page the service payments; its id."""
    for name in ("bob", "alice", "ivan", "mallory"):
        pager.hire(name)
    service = pager.found("payments")
    cast.apply(pagerduty_channel(pager), route("page", "pagerduty", recipients=["payments"]))
    tell()
    return service


@pytest.fixture
def paged(payments, bob, tell) -> AccessRequest:
    """Bob's request for staging-web, which one review settles; its incident is open."""
    request = deeds.ask(bob, "staging-web", reason="ticket #1")
    tell()
    return request


@pytest.fixture
def chat(clock) -> Iterator[Server]:
    """Mattermost, with nobody in it."""
    with chatting(clock.now) as found:
        yield found


@pytest.fixture
def teams(monkeypatch) -> Iterator[Organisation]:
    """Teams, with nobody in it, and nothing of it remembered from before."""
    monkeypatch.setattr(teams_api, "_tokens", {})
    monkeypatch.setattr(teams_tokens, "_known", {})
    with organising() as found:
        yield found


@pytest.fixture
def desk(chat) -> Desk:
    """The addresses that Mattermost calls, and Mattermost that calls them."""
    return Desk(chat)


@pytest.fixture
def town(chat, everybody, told) -> Server:
    """The cast is in Mattermost, and every request goes to the channel security as well."""
    chat.is_administrator = True
    for name in ("bob", "alice", "ivan", "carol", "mallory"):
        chat.hire(name)
    chat.found("security")
    cast.apply(
        mattermost_channel(chat), route("room", "mattermost", recipients=["plane/security"])
    )
    told()
    return chat


@pytest.fixture
def asked_there(town, bob, told) -> AccessRequest:
    """Bob's request for dba, whose cards are out in Mattermost."""
    request = deeds.ask(bob, "dba", reason="ticket #123", duration=timedelta(hours=2))
    told()
    return request


@pytest.fixture
def staffed(teams, everybody, clock, tell) -> Organisation:
    """The cast is in Teams, people are told there, and requests go to a channel as well."""
    for name in ("bob", "alice", "ivan", "carol", "mallory"):
        teams.hire(name)
    cast.apply(teams_channel(teams), route("cards", "teams", recipients=[SECURITY]))
    tell()
    return teams


def channel(name: str, url: str, secret=SECRET, **spec) -> dict:
    """The document of a webhook."""
    return cast.document(
        "channel", name, {"type": "webhook", "settings": {"url": url, "secret": secret}} | spec
    )


def route(name: str, to: str, **spec) -> dict:
    """The document of a route."""
    return cast.document("route", name, {"channel": to} | spec)


def posting(**wanted) -> Posting:
    """The only posting, or the only one like this."""
    return Posting.objects.select_related("entry__event").get(**wanted)


@pytest.fixture
def mailbox(settings) -> Iterator[Mailbox]:
    """The mail server of `EMAIL_URL`."""
    with mail_server() as found:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", found.port
        yield found


@pytest.fixture
def post(everybody, mailbox, clock) -> Mailbox:
    """The channel `post` tells people by mail; who decides signs in."""
    cast.apply(mail_channel("post"))
    services.drain(at=NOON)
    return mailbox


def mail_channel(name: str, **settings) -> dict:
    """The document of a channel of the type email."""
    settings = {"sender": "Access Plane <access@example.com>"} | settings
    return cast.document("channel", name, {"type": "email", "settings": settings})
