"""What a command ends with, for scripts."""

from accessplane_client.documents import AccessRequest

OK = 0
ERROR = 1
REFUSED = 2
UNDECIDED = 4

_BY_STATE = {"APPROVED": OK, "DENIED": REFUSED, "CANCELLED": REFUSED}


def code_of(request: AccessRequest) -> int:
    """Expired and still pending are both: nobody decided in time."""
    return _BY_STATE.get(request.state, UNDECIDED)
