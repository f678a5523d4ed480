"""Pure: what there is to say, before a channel gives it its looks."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """News of one event; `event` is its document, as readers of the log get it."""

    event: Mapping[str, Any]
