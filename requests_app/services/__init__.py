"""Use cases of asking: make and cancel requests, end and revoke grants, keep time."""
