"""Pure: the hash chain over ledger entries.

Each entry's hash covers the hash before it, its own sequence and the whole event. Whoever knows
one hash can therefore check everything that came before it.
"""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

GENESIS = "0" * 64


def entry_hash(previous: str, sequence: int, event: Mapping[str, Any]) -> str:
    """The hash of an entry as 64 hexadecimal digits; `event` consists of JSON values."""
    text = json.dumps(
        [previous, sequence, event], sort_keys=True, separators=(",", ":"), ensure_ascii=True
    )
    return hashlib.sha256(text.encode()).hexdigest()
