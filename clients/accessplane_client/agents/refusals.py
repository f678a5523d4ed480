"""A refusal of the plane, said so that an agent can act on it: its code, a sentence, what to do."""

from accessplane_client.errors import PlaneError

HINTS = {
    "not_authenticated": "Your token is unknown, revoked or too old: tell your owner.",
    "not_found": "list_my_requests and list_my_access show what you can name.",
    "malformed_id": "list_my_requests and list_my_access show whole ids.",
    "role_not_requestable": "list_requestable_roles shows what you may ask for.",
    "role_not_found": "list_requestable_roles shows what you may ask for.",
    "no_requestable_roles": "Your owner can give you a role that allows asking.",
    "reason_required": "Say why in `reason`; preview_request shows what it should answer.",
    "reason_pattern": "preview_request shows what `reason` should answer.",
    "duplicate_request": "list_my_requests shows the one that waits; wait for it.",
    "unreachable": "Try again later.",
}


def in_words(error: PlaneError) -> str:
    """`code: sentence`, then the wrong fields and a hint, each on its line."""
    lines = [f"{error.code or 'refused'}: {error.detail}"]
    lines += [
        f"{name}: {line}"
        for name, said in error.errors.items()
        for line in said
        if line not in error.detail
    ]
    if hint := HINTS.get(error.code):
        lines.append(hint)
    return "\n".join(lines)
