"""How an error is said: what happened, which fields, what to do."""

from accessplane_client.cli.output import note
from accessplane_client.errors import PlaneError

HINTS = {
    "not_signed_in": "Run `ap login --url URL`, or set ACCESSPLANE_URL and ACCESSPLANE_TOKEN.",
    "not_authenticated": "Sign in again with `ap login`: the token is unknown, revoked or too old.",
    "not_found": "`ap request list` and `ap grant list` show what you can see.",
    "role_not_requestable": "`ap request search` shows which roles you can ask for.",
    "role_not_found": "`ap request search` shows which roles you can ask for.",
    "reason_required": 'Say why with --reason="...".',
    "duplicate_request": "`ap request list --my-requests` shows yours.",
}


def tell(error: PlaneError) -> None:
    note(f"Error: {error.detail}")
    for name, lines in error.errors.items():
        for line in lines:
            if line not in error.detail:
                note(f"  {name}: {line}")
    if hint := HINTS.get(error.code):
        note(hint)
