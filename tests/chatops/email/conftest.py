import pytest

from requests_app.models import AccessRequest
from tests import deeds
from tests.chatops.email.door import REASON


@pytest.fixture
def asked(post, bob) -> AccessRequest:
    """Bob asks for dba, which Alice and Ivan may review."""
    return deeds.ask(bob, "dba", reason=REASON)
