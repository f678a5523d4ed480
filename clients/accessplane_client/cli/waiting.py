"""A request that was just made: shown, waited for, and its end said."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn, Protocol

import typer

from accessplane_client.cli.exits import OK, code_of
from accessplane_client.cli.output import Format, emit, note
from accessplane_client.cli.request_text import (
    decision_text,
    review_sentence,
    short_text,
    shortened_text,
    waiting_text,
)
from accessplane_client.cli.safe_text import clean_line
from accessplane_client.cli.wording import sentence
from accessplane_client.client import Plane
from accessplane_client.documents import AccessRequest

WAY_OUT = "(Ctrl-C stops waiting, the request stays)."


def follow_up(
    plane: Plane, request: AccessRequest, form: Format, *, timeout: float | None, nowait: bool
) -> NoReturn:
    """Ends the command with the code that the decision stands for."""
    if form is Format.text:
        emit(form, request.document, lambda: short_text(request))
    if cut := shortened_text(
        request.duration_seconds, request.requested_duration_seconds, request.roles
    ):
        note(cut)
    last = request if nowait or not request.is_pending else _wait(plane, request, timeout)
    if last.is_pending:
        note(f"The request stays. See how it stands with: ap request show {last.id}")
    if form is not Format.text:
        emit(form, last.document, str)
    elif not last.is_pending:
        emit(form, last.document, lambda: decision_text(last))
    raise typer.Exit(OK if nowait and last.is_pending else code_of(last))


def _wait(plane: Plane, request: AccessRequest, timeout: float | None) -> AccessRequest:
    """Ctrl-C ends the waiting, not the request."""
    seen = request

    with _foot_line() as line:

        def tell(fresh: AccessRequest) -> None:
            nonlocal seen
            for review in fresh.reviews[len(seen.reviews) :]:
                line.say(review_sentence(review))
            seen = fresh
            if fresh.is_pending:
                line.show(clean_line(sentence(waiting_text(fresh))))

        line.show(clean_line(f"{waiting_text(request)} {WAY_OUT}"))
        try:
            return plane.wait_for_decision(request.id, timeout=timeout, on_change=tell)
        except KeyboardInterrupt:
            return seen


class _Line(Protocol):
    def say(self, text: str) -> None:
        """For good."""

    def show(self, text: str) -> None:
        """Until the next."""


class _PlainLine:
    """Where nobody watches: every line stays, and a repeated one is not written again."""

    def __init__(self) -> None:
        self._shown = ""

    def say(self, text: str) -> None:
        note(text)

    def show(self, text: str) -> None:
        if text != self._shown:
            note(text)
        self._shown = text


@contextmanager
def _foot_line() -> Iterator[_Line]:
    if not sys.stderr.isatty():
        yield _PlainLine()
        return
    from accessplane_client.cli.live_line import LiveLine  # rich is slow to import

    with LiveLine() as line:
        yield line
