"""Who is on call, for workflows: asked through the channel that a workflow names."""

from datetime import datetime, timedelta

from accessplane.lib.errors import InvalidInput
from chatops.channels import registry
from chatops.channels.base import DeliveryFailed, KnowsOnCall
from chatops.models import ChannelConfig
from chatops.services.channels import opened
from policy.engines.base import EngineFailed
from policy.engines.rota import Duty, Shift


class Channels:
    """The channels as a rota; see `policy.engines.rota.Rota`."""

    def check(self, channel: str) -> None:
        """Refuse (`InvalidInput`) a channel that is not there, or could not know."""
        found = ChannelConfig.objects.filter(name=channel).first()
        if found is None:
            raise InvalidInput(
                f"There is no channel named {channel[:128]!r} - at `spec.channel`"
            )
        if not issubclass(registry.type_named(found.type), KnowsOnCall):
            raise InvalidInput(
                f"A channel of the type {found.type} does not know who is on call "
                "- at `spec.channel`"
            )

    def shift_of(
        self, email: str, duty: Duty, *, channel: str, patience: timedelta, at: datetime
    ) -> Shift | None:
        """The shift of whoever has this address; `EngineFailed` unless the service says."""
        found = ChannelConfig.objects.filter(name=channel, is_active=True).first()
        if found is None:
            raise EngineFailed(f"The channel {channel} is not in use.")
        try:
            service = opened(found)
            if not isinstance(service, KnowsOnCall):
                raise EngineFailed(f"The channel {channel} does not know who is on call.")
            return service.shift_of(email, duty, patience=patience, at=at)
        except DeliveryFailed as failure:
            raise EngineFailed(failure.sentence) from failure
