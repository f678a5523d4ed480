"""Pure: the states of a posting."""

from enum import StrEnum


class PostingState(StrEnum):
    """How far a posting has come. SENT is final; a FAILED one can be sent again."""

    DUE = "DUE"
    SENT = "SENT"
    FAILED = "FAILED"
