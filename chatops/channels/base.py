"""What every channel is to the pipeline."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, ClassVar, Protocol, runtime_checkable

from chatops.messages import Message
from chatops.specs import ChannelSpec
from policy.engines.rota import Duty, Shift


class DeliveryFailed(Exception):
    """It did not arrive. The sentence is for people and holds no secret.

    `permanent` ends the tries and flags the channel for its owner, unless it is `of_recipient`:
    the channel works, and only this recipient is not to be reached through it. `retry_after` is
    how long the service itself asks to be left alone. `may_have_arrived`: nobody knows, because
    the answer is what got lost.
    """

    def __init__(
        self,
        sentence: str,
        *,
        permanent: bool = False,
        of_recipient: bool = False,
        retry_after: timedelta | None = None,
        may_have_arrived: bool = False,
    ) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.permanent = permanent
        self.of_recipient = of_recipient
        self.retry_after = retry_after
        self.may_have_arrived = may_have_arrived


class Channel(Protocol):
    """One way out, opened with its settings, whose secrets are in plain text now.

    Beside the settings of its documents there is `channel`, the id of its own configuration.
    `spec` is the shape of its documents and `secrets` names the settings that are secret.
    `pace` is the time that one posting costs in the long run. `has_recipients`: a route names
    whom; `reaches_people`: an e-mail address is a recipient as well, so that people can be told
    by themselves; `follows`: who was told of a request hears how it goes on.
    """

    kind: ClassVar[str]
    spec: ClassVar[type[ChannelSpec]]
    secrets: ClassVar[frozenset[str]]
    has_recipients: ClassVar[bool]
    reaches_people: ClassVar[bool]
    follows: ClassVar[bool]
    pace: ClassVar[timedelta]

    def __init__(self, settings: Mapping[str, Any]) -> None: ...

    def post(self, message: Message, *, to: str, key: str, at: datetime) -> str:
        """Deliver, within a few seconds; return the service's own id of it, or a word on it.

        The same `key` means the same message: a receiver that knows keys drops the second one.
        Raises `DeliveryFailed`.
        """

    def update(self, message: Message, *, to: str, posted: str, key: str, at: datetime) -> str:
        """Bring what `post` returned `posted` for up to date, and tell what is new about it.

        Returns the id that stands for the conversation from now on. Raises `DeliveryFailed`.
        """


@runtime_checkable
class KnowsOnCall(Protocol):
    """A channel whose service knows who is on call."""

    def shift_of(
        self, email: str, duty: Duty, *, patience: timedelta, at: datetime
    ) -> Shift | None:
        """The shift of whoever has this address there, None if not on call; `DeliveryFailed`."""


@runtime_checkable
class Searchable(Protocol):
    """What a channel has besides, whose service drops no second message but finds the first."""

    def find(self, *, to: str, posted: str, key: str, since: datetime) -> str:
        """What `post`, or `update` of `posted`, would have returned for what is there already.

        Asked before a try if nobody knows how an earlier one ended, none of them having begun
        before `since`. Empty if the message of this `key` is not there, or cannot be looked for.
        Raises `DeliveryFailed` if it can be later.
        """
