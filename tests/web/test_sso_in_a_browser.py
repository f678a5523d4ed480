"""Single sign-on in a real browser: the content policy lets one go there and come back."""

from urllib.parse import urlsplit

import pytest
from werkzeug import Response

from accessplane.lib import addresses
from tests import browsing
from tests.cast import apply, enter
from tests.identity.test_connectors import saml_connector
from tests.web.provider import providing
from tests.web.saml_provider import Answer, asked, packed

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(browsing.IS_MISSING, reason=browsing.WHY),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
]


@pytest.fixture
def sign_in(chromium, live_server, transactional_db, settings):
    """Opens a page in a fresh browser, signs in by what `act` does, and gives the complaints."""
    settings.ACCESSPLANE_OUTBOUND_ALLOW = addresses.allowed(["localhost"])
    settings.ACCESSPLANE_PUBLIC_URL = live_server.url
    enter()

    def sign_in(path, act):
        context = chromium.new_context(base_url=live_server.url)
        browsing.without_sockets(context)
        tab = context.new_page()
        complaints = browsing.complaints_of(tab)
        tab.goto(path)
        act(tab)
        tab.get_by_role("heading", name="Waiting for your review").wait_for()
        assert tab.url == f"{live_server.url}{path}"
        # The provider's own page looks for styles on another host.
        return [one for one in complaints if "Failed to load resource" not in one]

    return sign_in


def test_there_and_back_with_openid_connect(sign_in):
    def act(tab):
        tab.get_by_role("link", name="Sign in with Okta").click()
        tab.get_by_placeholder("sub").fill("b-1")
        tab.get_by_role("button", name="Authorize").click()

    with providing() as okta:
        okta.connected()
        okta.knows("b-1", email="bob@example.com", email_verified=True)
        assert sign_in("/reviews", act) == []


def test_there_and_back_with_saml(sign_in, live_server, httpserver):
    httpserver.expect_request("/sso").respond_with_handler(_answering(live_server.url))
    # Another site than the plane's, as in life: cookies that are SameSite stay away.
    address = {"sso_url": f"http://127.0.0.1:{httpserver.port}/sso"}
    apply(saml_connector("adfs", title="ADFS", assume_verified=True, settings=address))

    def act(tab):
        tab.get_by_role("link", name="Sign in with ADFS").click()
        assert urlsplit(tab.url).hostname != urlsplit(live_server.url).hostname
        tab.get_by_role("button", name="Be Bob").click()

    assert sign_in("/reviews", act) == []


def _answering(plane):
    """A page of a SAML provider: its form posts to the plane who is there."""

    def answer(request):
        consumer = f"{plane}/accounts/saml/adfs/acs/"
        said = Answer(
            request=asked(request.url).get("ID"),
            attributes={"email": ["bob@example.com"]},
            audience=f"{plane}/accounts/saml/adfs/metadata/",
            destination=consumer,
            recipient=consumer,
        )
        page = (
            f'<form method="post" action="{consumer}"><input type="hidden" name="SAMLResponse"'
            f' value="{packed(said.response())}"><button>Be Bob</button></form>'
        )
        return Response(page, content_type="text/html")

    return answer
