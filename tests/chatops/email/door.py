"""The link of a mail, and the browsers that open it."""

from django.test import Client

from chatops.channels.email import links
from chatops.channels.email.links import Invitation
from chatops.models import ChannelConfig, Heard
from identity.models import User
from requests_app.models import AccessRequest
from reviews.models import Review
from tests import cast
from tests.chatops.conftest import mail_channel
from tests.web.reading import Browser

REFUSED = "Nothing to decide here"
REASON = "the secret reason"


def signed_in(user: User) -> Browser:
    browser = Browser(Client())
    browser.client.force_login(user)
    return browser


def anonymous() -> Browser:
    return Browser(Client())


def link_for(request: AccessRequest, reviewer: str = "alice@example.com") -> str:
    channel = ChannelConfig.objects.get(name="post").pk
    token = links.token_of(Invitation(channel, request.pk, reviewer))
    return f"/chatops/email/{token}"


def takes_the_link_alone() -> None:
    cast.apply(mail_channel("post", require_sign_in=False))


def nothing_happened(request: AccessRequest) -> bool:
    """No review, no note of a used link, and the request as it was."""
    before = request.state
    request.refresh_from_db()
    return (
        not Review.objects.exists() and not Heard.objects.exists() and request.state == before
    )
