"""Pure: which roles are approved only with a second factor that was proved a moment ago.

The operator says which labels make a role sensitive, and how long a proof is fresh (SEMANTICS 6.8).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from accessplane.lib.actors import Actor, ActorKind, Via
from accessplane.lib.durations import parse_duration
from accessplane.lib.errors import InvalidInput
from accessplane.lib.matching import Pattern, compile_pattern

# Clocks of two machines differ; a proof from later than that was made by no clock of ours.
_SKEW = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Demand:
    """A proof no older than `fresh` for roles with one of these labels; no label demands none."""

    labels: tuple[tuple[str, Pattern], ...]
    fresh: timedelta

    def concerns(self, labels: Mapping[str, str]) -> bool:
        """Whether a role with these labels is sensitive."""
        return any(
            key in labels and pattern.matches(labels[key]) for key, pattern in self.labels
        )


def demand_of(labels: Sequence[str], fresh: str) -> Demand:
    """The demand of an operator: `sensitive=true` or `tier=*`, each in a text of its own, and a
    length such as `10m`. Raises `InvalidInput` for what would silently demand nothing."""
    return Demand(tuple(_label(text) for text in labels), parse_duration(fresh))


def lacks_proof(
    demand: Demand, labels_of_roles: Iterable[Mapping[str, str]], actor: Actor, at: datetime
) -> bool:
    """Whether this actor may not approve access to these roles, for want of a fresh proof.

    A bot has none to show, whatever it was let in by. The plane's own automation, which acts by
    documents of the operator and through no door, needs none.
    """
    if not any(demand.concerns(labels) for labels in labels_of_roles):
        return False
    if actor.via is Via.SYSTEM:
        return False
    if actor.kind is not ActorKind.USER or actor.factor_at is None:
        return True
    return not -_SKEW <= at - actor.factor_at < demand.fresh


def _label(text: str) -> tuple[str, Pattern]:
    key, sign, value = (part.strip() for part in text.partition("="))
    if not (key and sign and value):
        raise InvalidInput(f"{text[:80]!r} is no label with its value, such as sensitive=true.")
    return key, compile_pattern(value)
