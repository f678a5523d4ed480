"""What every channel is to the pipeline."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, ClassVar, Protocol

from chatops.messages import Message
from chatops.specs import ChannelSpec


class DeliveryFailed(Exception):
    """It did not arrive. The sentence is for people and holds no secret.

    `permanent` ends the tries and flags the channel for its owner. `retry_after` is how long the
    service itself asks to be left alone.
    """

    def __init__(
        self, sentence: str, *, permanent: bool = False, retry_after: timedelta | None = None
    ) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.permanent = permanent
        self.retry_after = retry_after


class Channel(Protocol):
    """One way out, opened with its settings, whose secrets are in plain text now.

    `spec` is the shape of its documents and `secrets` names the settings that are secret.
    `pace` is the time that one posting costs in the long run.
    """

    kind: ClassVar[str]
    spec: ClassVar[type[ChannelSpec]]
    secrets: ClassVar[frozenset[str]]
    has_recipients: ClassVar[bool]
    pace: ClassVar[timedelta]

    def __init__(self, settings: Mapping[str, Any]) -> None: ...

    def post(self, message: Message, *, to: str, key: str, at: datetime) -> str:
        """Deliver, within a few seconds, and return a word on how it went.

        The same `key` means the same message: a receiver that knows keys drops the second one.
        Raises `DeliveryFailed`.
        """
