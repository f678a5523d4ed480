"""Socket Mode: what Slack says over a connection that we opened, so that it need not reach us."""

import logging
from collections.abc import Callable, Mapping
from threading import Event
from typing import Any

from slack_sdk.socket_mode.builtin import SocketModeClient
from slack_sdk.socket_mode.client import BaseSocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.socket_mode.response import SocketModeResponse

from chatops.channels.base import DeliveryFailed
from chatops.channels.slack.channel import Slack

log = logging.getLogger(__name__)

# By Slack's kind of message, its id, and what it says: the answer.
Listener = Callable[[str, str, Mapping[str, Any]], Mapping[str, Any]]


class SlackSocket(SocketModeClient):
    """One connection to Slack, made anew whenever it ends.

    The library keeps it; the address comes through our own way out.
    """

    def __init__(self, slack: Slack, listener: Listener) -> None:
        super().__init__(app_token="", logger=log)
        self._slack = slack
        self._listener = listener
        self._closing = Event()
        self.socket_mode_request_listeners.append(self._hear)

    def issue_new_wss_url(self) -> str:
        """Where to connect to now; after a refusal that names a pause, not before it is over."""
        try:
            return self._slack.socket_url()
        except DeliveryFailed as failure:
            if failure.retry_after:
                self._closing.wait(failure.retry_after.total_seconds())
            raise

    def close(self) -> None:
        """End the connection; what is being answered is answered."""
        self._closing.set()
        super().close()

    def _hear(self, _client: BaseSocketModeClient, said: SocketModeRequest) -> None:
        answer = self._listener(said.type, said.envelope_id, said.payload)
        self.send_socket_mode_response(
            SocketModeResponse(said.envelope_id, dict(answer) or None)
        )
