"""Access Plane from Python: ask for access, review, and read what happened."""

from accessplane_client.async_client import AsyncPlane
from accessplane_client.client import Plane
from accessplane_client.documents import (
    AccessAnswer,
    AccessRequest,
    Applied,
    AppliedDocument,
    Check,
    Event,
    Grant,
    Invitation,
    NewToken,
    Plan,
    RequestableRole,
    Review,
    Reviewed,
    Role,
    Threshold,
    Token,
    User,
    Workflow,
)
from accessplane_client.errors import (
    MalformedId,
    NotSignedIn,
    PlaneError,
    PlaneUnreachable,
    UnexpectedAnswer,
)
from accessplane_client.version import __version__
from accessplane_client.workflows.asked import CheckedRequest
from accessplane_client.workflows.places import Places
from accessplane_client.workflows.verdicts import (
    ABSTAIN,
    AccessDenied,
    Verdict,
    abstain,
    allow,
    deny,
)

__all__ = [
    "ABSTAIN",
    "AccessAnswer",
    "AccessDenied",
    "AccessRequest",
    "Applied",
    "AppliedDocument",
    "AsyncPlane",
    "Check",
    "CheckedRequest",
    "Event",
    "Grant",
    "Invitation",
    "MalformedId",
    "NewToken",
    "NotSignedIn",
    "Places",
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
    "Verdict",
    "Workflow",
    "__version__",
    "abstain",
    "allow",
    "deny",
]
