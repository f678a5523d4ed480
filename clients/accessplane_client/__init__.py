"""Access Plane from Python: ask for access, review, and read what happened."""

from accessplane_client.client import Plane
from accessplane_client.documents import (
    AccessAnswer,
    AccessRequest,
    Applied,
    AppliedDocument,
    Check,
    Event,
    Grant,
    NewToken,
    Plan,
    RequestableRole,
    Review,
    Reviewed,
    Role,
    Threshold,
    Token,
    User,
)
from accessplane_client.errors import (
    MalformedId,
    NotSignedIn,
    PlaneError,
    PlaneUnreachable,
    UnexpectedAnswer,
)
from accessplane_client.version import __version__

__all__ = [
    "AccessAnswer",
    "AccessRequest",
    "Applied",
    "AppliedDocument",
    "Check",
    "Event",
    "Grant",
    "MalformedId",
    "NewToken",
    "NotSignedIn",
    "Plan",
    "Plane",
    "PlaneError",
    "PlaneUnreachable",
    "RequestableRole",
    "Review",
    "Reviewed",
    "Role",
    "Threshold",
    "Token",
    "UnexpectedAnswer",
    "User",
    "__version__",
]
