from collections.abc import Iterator

import pytest

from requests_app.models import AccessRequest
from tests import cast, deeds
from tests.chatops.conftest import route
from tests.chatops.fakes.jira import Site, tracking
from tests.chatops.jira.door import jira_channel


@pytest.fixture
def site() -> Iterator[Site]:
    """Jira Cloud, with nobody in it but the account of the plane."""
    with tracking() as found:
        yield found


@pytest.fixture
def ops(site, everybody, clock, tell) -> Site:
    """The cast is in Jira, and every request is an issue of the project OPS."""
    for name in ("bob", "alice", "ivan", "mallory"):
        site.hire(name)
    cast.apply(jira_channel(site), route("issues", "jira"))
    tell()
    return site


@pytest.fixture
def ticket(ops, bob, tell) -> AccessRequest:
    """Bob's request for staging-web, which one review settles; its issue is there."""
    request = deeds.ask(bob, "staging-web", reason="ticket #1")
    tell()
    return request


@pytest.fixture
def pair(ops, bob, tell) -> AccessRequest:
    """Bob's request for dba, which takes two reviews; its issue is there."""
    request = deeds.ask(bob, "dba", reason="ticket #2")
    tell()
    return request
