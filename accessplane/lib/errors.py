"""`DomainError` and its four kinds: every refusal that this product foresees.

A refusal is named where it is raised: a subclass of one of the four kinds that sets `code`.
The doors turn the kind into a status and show `detail` as it is.
"""

from collections.abc import Mapping, Sequence
from typing import ClassVar


class DomainError(Exception):
    """A foreseen refusal: a sentence for people, a `code` for machines.

    Raise one of the four kinds or a subclass of them, never this class itself. `errors` names
    the fields at fault, each with its own sentences; it is empty when no field is.
    """

    code: ClassVar[str]

    def __init__(
        self, detail: str, *, errors: Mapping[str, Sequence[str]] | None = None
    ) -> None:
        super().__init__(detail)
        self.detail = detail
        self.errors: Mapping[str, Sequence[str]] = dict(errors or {})

    def __str__(self) -> str:
        return self.detail


class InvalidInput(DomainError):
    """What was sent cannot be right, whoever sends it (HTTP 400)."""

    code = "invalid_input"


class NotPermitted(DomainError):
    """This person may not do this (HTTP 403)."""

    code = "not_permitted"


class NotFound(DomainError):
    """It does not exist, or not for this person (HTTP 404)."""

    code = "not_found"


class Conflict(DomainError):
    """It may be done, but not in the present state (HTTP 409)."""

    code = "wrong_state"
