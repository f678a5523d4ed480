"""The story of the product in a real browser, at the size of a desk and of a phone."""

from collections.abc import Callable

import pytest
from django.conf import settings
from django.utils import timezone
from playwright import sync_api

from accessplane.lib.actors import console
from accessplane.management.files import documents_of
from chatops.channels.email import links
from chatops.models import ChannelConfig
from identity import documents
from identity.services import configuration
from requests_app.models import AccessRequest
from reviews.models import Review
from tests import browsing, cast

MAIL = cast.document(
    "channel", "mail", {"type": "email", "settings": {"sender": "access@example.com"}}
)
PHONE = {"width": 360, "height": 740}
DESK = {"width": 1280, "height": 800}

pytestmark = [
    pytest.mark.embedded,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(browsing.IS_MISSING, reason=browsing.WHY),
]


@pytest.fixture
def demo_organisation(transactional_db) -> None:
    configuration.apply_documents(
        documents_of(settings.BASE_DIR / "examples" / "demo"),
        by=console("tests"),
        may=configuration.everything,
        at=timezone.now(),
    )


@pytest.fixture
def sign_in(
    demo_organisation, chromium, live_server
) -> Callable[[str, dict[str, int]], "sync_api.Page"]:
    """`sign_in("bob", PHONE)`: Bob's own browser, at home, where no script runs."""

    def signed_in(name: str, size: dict[str, int]) -> "sync_api.Page":
        context = chromium.new_context(
            base_url=live_server.url, viewport=size, java_script_enabled=False
        )
        page = context.new_page()
        page.goto("/accounts/login/")
        page.get_by_label("E-mail").fill(f"{name}@example.com")
        page.get_by_label("Password").fill(f"{name}-demo-password")
        page.get_by_role("button", name="Sign in").click()
        sync_api.expect(page.get_by_role("heading", name="Your access")).to_be_visible()
        return page

    return signed_in


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_bob_asks_two_approve_and_bob_gives_back(sign_in, size):
    expect = sync_api.expect
    bob = sign_in("bob", size)
    bob.get_by_role("link", name="Request access").first.click()
    bob.get_by_label("Database administrator").check()
    bob.get_by_label("Reason").fill("ticket #123")
    bob.get_by_role("button", name="Request access").click()
    expect(bob.get_by_text("Pending")).to_be_visible()
    expect(bob.get_by_role("button", name="Cancel request")).to_be_visible()

    for name in ("alice", "ivan"):
        reviewer = sign_in(name, size)
        reviewer.get_by_role("link", name="Reviews").click()
        reviewer.get_by_role("link", name="Bob", exact=True).click()
        reviewer.get_by_label("Reason").fill("proceed with caution")
        reviewer.get_by_role("button", name="Approve").click()
        expect(reviewer.get_by_text("You approved this request.")).to_be_visible()

    bob.reload()
    expect(bob.get_by_text("Approved", exact=True)).to_be_visible()
    bob.goto("/")
    expect(bob.get_by_text("Active", exact=True)).to_be_visible()
    bob.get_by_role("button", name="Give back").click()
    expect(bob.get_by_text("You gave dba back.")).to_be_visible()
    expect(bob.get_by_role("button", name="Give back")).to_have_count(0)


def test_alice_denies_with_a_reason_and_bob_reads_it(sign_in):
    expect = sync_api.expect
    bob = sign_in("bob", DESK)
    bob.goto("/requests/new")
    bob.get_by_label("Database administrator").check()
    bob.get_by_label("Reason").fill("curiosity")
    bob.get_by_role("button", name="Request access").click()

    alice = sign_in("alice", DESK)
    alice.goto(bob.url)
    alice.get_by_label("Reason").fill("not without a ticket")
    alice.get_by_role("button", name="Deny").click()

    bob.reload()
    expect(bob.get_by_text("Denied", exact=True)).to_be_visible()
    expect(bob.get_by_text("not without a ticket")).to_be_visible()


def test_alice_opens_her_mail_and_decides_in_a_browser_that_says_where_forms_come_from(sign_in):
    """Browsers send the origin of a form as the page's policy says; the plane must know it."""
    expect = sync_api.expect
    configuration.apply_documents(
        documents.from_values([MAIL], source="a test"),
        by=console("tests"),
        may=configuration.everything,
        at=timezone.now(),
    )
    bob = sign_in("bob", DESK)
    bob.goto("/requests/new")
    bob.get_by_label("Database administrator").check()
    bob.get_by_label("Reason").fill("ticket #123")
    bob.get_by_role("button", name="Request access").click()
    expect(bob.get_by_text("Pending")).to_be_visible()
    invitation = links.Invitation(
        ChannelConfig.objects.get().pk, AccessRequest.objects.get().pk, "alice@example.com"
    )

    alice = sign_in("alice", PHONE)
    alice.goto(f"/chatops/email/{links.token_of(invitation)}")
    expect(alice.get_by_text("ticket #123")).to_be_visible()
    alice.get_by_role("button", name="Approve").click()

    expect(alice.get_by_text("You approved this request.")).to_be_visible()
    assert Review.objects.get().via == "email"
