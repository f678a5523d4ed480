"""What can go wrong between here and the plane. Every message is a sentence for people."""

from collections.abc import Mapping, Sequence

TEMPORARY = frozenset({429, 502, 503, 504})


class PlaneError(Exception):
    """A refusal. `code` is for programs, `detail` for people, `errors` names the wrong fields.

    `status` is the answer's HTTP status, or None when there was no answer. `retry_after` are the
    seconds that the plane asked to be left alone for.
    """

    def __init__(
        self,
        detail: str,
        *,
        code: str = "",
        status: int | None = None,
        errors: Mapping[str, Sequence[str]] | None = None,
        retry_after: float = 0.0,
    ) -> None:
        super().__init__(detail)
        self.detail = detail
        self.code = code
        self.status = status
        self.errors = dict(errors or {})
        self.retry_after = retry_after

    @property
    def is_temporary(self) -> bool:
        """Whether the same call may well succeed a little later."""
        return self.status in TEMPORARY


class PlaneUnreachable(PlaneError):
    """There was no answer. A POST may have been carried out all the same."""

    def __init__(self, detail: str) -> None:
        super().__init__(detail, code="unreachable")

    @property
    def is_temporary(self) -> bool:
        return True


class UnexpectedAnswer(PlaneError):
    """Something answered, but not as a plane does."""

    def __init__(self, detail: str, *, status: int | None = None) -> None:
        super().__init__(detail, code="unexpected_answer", status=status)


class NotSignedIn(PlaneError):
    """No address or no token is known."""

    def __init__(self, detail: str) -> None:
        super().__init__(detail, code="not_signed_in")


class MalformedId(PlaneError):
    """This text cannot be an id, so nothing was sent."""

    def __init__(self, text: str) -> None:
        super().__init__(f"{text!r} is not an id: ids are 36 characters.", code="malformed_id")
