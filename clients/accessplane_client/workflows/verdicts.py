"""What a workflow says about a request."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

ALLOW = "ALLOW"
DENY = "DENY"
ABSTAIN = "ABSTAIN"


@dataclass(frozen=True)
class Verdict:
    """`verdict` is ALLOW, DENY or ABSTAIN; `annotations` go with it to the plane."""

    verdict: str
    reason: str = ""
    annotations: Mapping[str, Any] = field(default_factory=dict)


class AccessDenied(Exception):
    """Raised by a handler: the request is denied, for this reason."""

    def __init__(
        self, reason: str = "", *, annotations: Mapping[str, Any] | None = None
    ) -> None:
        super().__init__(reason)
        self.annotations = dict(annotations or {})


def allow(reason: str = "", *, annotations: Mapping[str, Any] | None = None) -> Verdict:
    """Nothing stands in the way, as far as this workflow goes. What returning None says too."""
    return Verdict(ALLOW, reason, dict(annotations or {}))


def deny(reason: str = "", *, annotations: Mapping[str, Any] | None = None) -> Verdict:
    """The request is denied. What raising AccessDenied says too."""
    return Verdict(DENY, reason, dict(annotations or {}))


def abstain(reason: str = "", *, annotations: Mapping[str, Any] | None = None) -> Verdict:
    """This workflow has nothing to say about the request, and does not stand in its way."""
    return Verdict(ABSTAIN, reason, dict(annotations or {}))


def verdict_of(returned: object) -> Verdict:
    """What a handler's return value says. `True` and `False` say nothing: that is a mistake."""
    if returned is None:
        return allow()
    if isinstance(returned, str) and returned in {ALLOW, DENY, ABSTAIN}:
        return Verdict(returned)
    if isinstance(returned, Verdict):
        return returned
    raise TypeError(
        "A workflow returns nothing, or what allow(), deny() or abstain() give it, and not "
        f"{type(returned).__name__}."
    )
