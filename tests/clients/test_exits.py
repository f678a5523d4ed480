import pytest
from accessplane_client.cli.exits import code_of
from accessplane_client.documents import AccessRequest


@pytest.mark.parametrize(
    ("state", "code"),
    [("APPROVED", 0), ("DENIED", 2), ("CANCELLED", 2), ("EXPIRED", 4), ("PENDING", 4)],
)
def test_scripts_can_tell_the_ends_apart(state, code):
    assert code_of(AccessRequest(id="x", state=state, requester="bob@example.com")) == code
