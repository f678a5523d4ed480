"""A sensitive role, and the demand of an operator for a fresh second factor (SEMANTICS 6.8)."""

from typing import Any

from identity.proof import demand_of
from tests import cast


def demand(settings: Any, *labels: str, fresh: str = "10m") -> None:
    """Have roles with these labels approved with a fresh factor alone, and label dba so."""
    settings.ACCESSPLANE_FACTOR_DEMAND = demand_of(labels or ("sensitive=true",), fresh)
    document = cast.role("dba", allow={"db_roles": ["dba"]})
    document["metadata"]["labels"] = {"sensitive": "true"}
    cast.apply(document)
