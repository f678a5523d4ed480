"""What applying a document came to."""

from dataclasses import dataclass, field
from enum import StrEnum

from identity.documents import Document


class Result(StrEnum):
    """What happened to the object of a document."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result for one document, and sentences on what its author should know."""

    document: Document
    result: Result
    warnings: list[str] = field(default_factory=list)
