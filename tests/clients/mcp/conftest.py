import re

import pytest
from django.utils import timezone

from accessplane.lib.actors import console
from identity import documents
from identity.services import configuration
from tests.clients import agents, demo
from tests.clients.terminal import Terminal


@pytest.fixture
def plane(live_server):
    """The address of a plane with the demo organisation and Scout, Carol's bot."""
    demo.enter()
    configuration.apply_documents(
        documents.from_values([agents.BOT], source="the bot"),
        by=console("tests"),
        may=configuration.everything,
        at=timezone.now(),
    )
    yield live_server.url
    demo.wait_for_the_server()


@pytest.fixture
def terminal(plane, tmp_path):
    """`terminal(token=...)`: a place to type `ap mcp` in. Nothing of it outlives the test."""
    opened = []

    def _terminal(**login):
        home = tmp_path / str(len(opened))
        home.mkdir()
        opened.append(Terminal(home, url=plane, **login))
        return opened[-1]

    yield _terminal
    for each in opened:
        each.close()


@pytest.fixture
def server(terminal):
    """The address of `ap mcp --http`, which was given no token."""
    said = terminal().begin("ap mcp --http --port 0").said("err", "Agents reach")
    return re.search(r" at (http://127\.0\.0\.1:\d+/mcp) ", said)[1]


@pytest.fixture
def over_stdio(terminal):
    return lambda mode="auto": agents.over_stdio(
        terminal(token=demo.token_of("scout")), mode=mode
    )


@pytest.fixture
def over_http(server):
    return lambda mode="auto": agents.over_http(server, demo.token_of("scout"), mode=mode)


@pytest.fixture(params=["stdio", "http"])
def scout(request):
    with request.getfixturevalue(f"over_{request.param}")() as agent:
        yield agent
