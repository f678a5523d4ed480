"""An agent with an MCP client, which talks to a real `ap mcp`."""

import json
from contextlib import ExitStack, asynccontextmanager, contextmanager

import httpx2
from anyio.from_thread import start_blocking_portal
from mcp import Client, StdioServerParameters
from mcp.client.stdio import stdio_client
from mcp.client.streamable_http import streamable_http_client

from tests.clients.terminal import AP

BOT = {
    "kind": "user",
    "version": "v1",
    "metadata": {"name": "scout@example.com"},
    "spec": {
        "display_name": "Scout",
        "roles": ["developer", "engineering"],
        "bot": True,
        "owner": "carol@example.com",
    },
}


class Agent:
    """`agent.does("request_access", roles=["dba"])`: what the tool answered, once it may."""

    def __init__(self, portal, client):
        self._portal = portal
        self._client = client
        self.progress = []

    @property
    def tools(self):
        listed = self._portal.call(self._client.list_tools)
        return {tool.name: tool for tool in listed.tools}

    def calls(self, tool, **arguments):
        """The result of a call, whatever it is."""
        return self._portal.call(self._call, tool, arguments)

    def begins(self, tool, **arguments):
        """The future result of a call that takes a while."""
        return self._portal.start_task_soon(self._call, tool, arguments)

    def does(self, tool, **arguments):
        result = self.calls(tool, **arguments)
        assert not result.is_error, result.content[0].text
        assert json.loads(result.content[0].text) == result.structured_content
        return result.structured_content

    def is_refused(self, tool, **arguments):
        """What the tool says when it does not do it."""
        result = self.calls(tool, **arguments)
        assert result.is_error
        assert result.structured_content is None  # clients hold it against the output schema
        (said,) = result.content
        assert "Traceback" not in said.text
        return said.text

    async def _call(self, tool, arguments):
        async def remember(progress, total, message):
            self.progress.append((progress, total, message))

        return await self._client.call_tool(tool, arguments, progress_callback=remember)


@contextmanager
def over_stdio(terminal, *, mode="auto"):
    """An agent that starts `ap mcp` itself, as `terminal` is set up; its stderr is kept there."""
    command = StdioServerParameters(
        command=AP[0], args=[*AP[1:], "mcp"], env=terminal.environment()
    )
    with ExitStack() as stack:
        log = stack.enter_context((terminal.home / "stderr").open("w"))
        yield stack.enter_context(_talking(stdio_client(command, errlog=log), mode))


@contextmanager
def over_http(address, token, *, mode="auto"):
    """An agent that presents its token to the server at this address."""
    with _talking(_http(address, token), mode) as agent:
        yield agent


@asynccontextmanager
async def _http(address, token):
    headers = {"Authorization": f"Bearer {token}"}
    async with (
        httpx2.AsyncClient(headers=headers, timeout=60) as http,
        streamable_http_client(address, http_client=http) as streams,
    ):
        yield streams


@contextmanager
def _talking(transport, mode):
    with (
        start_blocking_portal() as portal,
        portal.wrap_async_context_manager(Client(transport, mode=mode)) as client,
    ):
        yield Agent(portal, client)
