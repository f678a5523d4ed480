"""Lists to take away: CSV and JSON lines, sent row by row, with an end that is said.

What somebody wrote into a reason must not become a formula on the machine of whoever opens the
table: a cell that a spreadsheet would calculate begins with an apostrophe.
"""

import csv
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, TypeVar

from django.db.models import QuerySet
from django.http import StreamingHttpResponse
from django.utils.formats import number_format
from django.utils.translation import gettext as _

MOST = 10_000
CSV, JSON_LINES = "csv", "jsonl"
_TYPES = {CSV: "text/csv; charset=utf-8", JSON_LINES: "application/x-ndjson"}
# What makes a formula of a cell in a spreadsheet, wide letters included.
_FORMULAS = ("=", "+", "-", "@", "＝", "＋", "－", "＠")  # noqa: RUF001 - these are meant
_AT_ONCE = 200  # rows in one piece of the answer

Row = TypeVar("Row")


def defused(value: Any) -> str:
    """The value as a cell that no spreadsheet calculates; None is empty."""
    if value is None:
        return ""
    if not isinstance(value, str):
        return str(value)
    begins = value.lstrip().startswith(_FORMULAS) or value.startswith(("\t", "\r", "\n"))
    return f"'{value}" if begins else value


def csv_of(
    rows: Iterable[Row],
    head: Sequence[str],
    cells: Callable[[Row], Sequence[Any]],
    *,
    most: int = MOST,
) -> Iterator[bytes]:
    """The first `most` rows as CSV below a line of names; if there are more, a last line says so."""
    echo = _Echo()
    writer = csv.writer(echo)
    writer.writerow(head)
    for row, is_within in _up_to(rows, most):
        writer.writerow(
            [defused(cell) for cell in cells(row)] if is_within else [cut_sentence(most)]
        )
        if len(echo.lines) >= _AT_ONCE:
            yield echo.taken()
    yield echo.taken()


def json_lines_of(
    rows: Iterable[Row], document: Callable[[Row], Mapping[str, Any]], *, most: int = MOST
) -> Iterator[bytes]:
    """A JSON document a line; if there are more than `most`, the last line is
    `{"cut_after": most, "detail": ...}`."""
    for row, is_within in _up_to(rows, most):
        said = document(row) if is_within else _cut(most)
        yield json.dumps(said, ensure_ascii=False).encode(errors="replace") + b"\n"


def in_pieces(rows: "QuerySet[Any]", *, most: int = MOST) -> Iterator[Any]:
    """The first of these rows and one more, in their order; which they are is settled at once."""
    keys = list(rows.values_list("pk", flat=True)[: most + 1])
    for first in range(0, len(keys), _AT_ONCE):
        piece = keys[first : first + _AT_ONCE]
        found = rows.in_bulk(piece)
        yield from (found[key] for key in piece if key in found)


def cut_sentence(most: int = MOST) -> str:
    """What an export says that had to end before its list did."""
    words = _("There are more than these %(most)s rows. Narrow the list to export the rest.")
    return words % {"most": number_format(most, use_l10n=True, force_grouping=True)}


def download(content: Iterator[bytes], *, name: str, kind: str) -> StreamingHttpResponse:
    """The export as a file called `name`, of the kind "csv" or "jsonl"."""
    headers = {
        "Content-Disposition": f'attachment; filename="{name}.{kind}"',
        "Cache-Control": "no-store",
    }
    return StreamingHttpResponse(content, content_type=_TYPES[kind], headers=headers)


def _up_to(rows: Iterable[Row], most: int) -> Iterator[tuple[Row, bool]]:
    """The first rows, and one more, which is not within, if there is one."""
    return ((row, n < most) for n, row in enumerate(islice(rows, most + 1)))


def _cut(most: int) -> Mapping[str, Any]:
    return {"cut_after": most, "detail": cut_sentence(most)}


class _Echo:
    """What a writer of CSV writes to."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def write(self, line: str) -> None:
        self.lines.append(line)

    def taken(self) -> bytes:
        """All that was written since."""
        text = "".join(self.lines).encode(errors="replace")
        self.lines.clear()
        return text
