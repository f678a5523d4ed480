import pytest

from accessplane.lib import addresses
from tests.reviews.workflows import Policy


@pytest.fixture
def loopback_is_open(settings):
    settings.ACCESSPLANE_OUTBOUND_ALLOW = addresses.allowed(["127.0.0.1", "localhost"])


@pytest.fixture
def policy(httpserver, loopback_is_open) -> Policy:
    return Policy(httpserver)
