"""Single sign-on in a real browser: the content policy lets one go there and come back."""

import pytest

from accessplane.lib import addresses
from tests import browsing
from tests.cast import enter
from tests.web.provider import providing

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(browsing.IS_MISSING, reason=browsing.WHY),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
]


def test_there_and_back(chromium, live_server, transactional_db, settings):
    settings.ACCESSPLANE_OUTBOUND_ALLOW = addresses.allowed(["localhost"])
    enter()
    with providing() as okta:
        okta.connected()
        okta.knows("b-1", email="bob@example.com", email_verified=True)
        context = chromium.new_context(base_url=live_server.url)
        browsing.without_sockets(context)
        tab = context.new_page()
        complaints = browsing.complaints_of(tab)

        tab.goto("/reviews")
        tab.get_by_role("link", name="Sign in with Okta").click()
        tab.get_by_placeholder("sub").fill("b-1")
        tab.get_by_role("button", name="Authorize").click()

        tab.get_by_role("heading", name="Waiting for your review").wait_for()
        assert tab.url == f"{live_server.url}/reviews"
        # The provider's own page looks for styles on another host.
        assert [one for one in complaints if "Failed to load resource" not in one] == []
