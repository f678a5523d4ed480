"""Tables and blocks in plain text: the same bytes on a terminal, in a pipe and in a test."""

import unicodedata
from collections.abc import Iterable, Sequence

from accessplane_client.cli.safe_text import clean, clean_line


def table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Headings, a line of dashes, rows; columns as wide as their widest cell, one blank between."""
    lines = [list(headings), *([clean_line(cell) for cell in row] for row in rows)]
    widths = [max(width(cell) for cell in column) for column in zip(*lines, strict=True)]
    lines.insert(1, ["-" * each for each in widths])
    return "\n".join(_line(cells, widths) for cells in lines)


def block(pairs: Iterable[tuple[str, str]]) -> str:
    """`Label: text`, the texts under each other; further lines of a text are set in like its first."""
    said = [(f"{label}:", clean(text)) for label, text in pairs if text]
    indent = max((width(label) for label, _ in said), default=0) + 1
    between = "\n" + " " * indent
    return "\n".join(
        (_pad(label, indent) + between.join(text.strip("\n").split("\n"))).rstrip()
        for label, text in said
    )


def width(text: str) -> int:
    """Columns on a terminal: Chinese takes two for each character, an accent none."""
    return sum(_columns(character) for character in text)


def _columns(character: str) -> int:
    if unicodedata.category(character) in {"Mn", "Me", "Cf"}:
        return 0
    return 2 if unicodedata.east_asian_width(character) in {"W", "F"} else 1


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    return " ".join(map(_pad, cells, widths)).rstrip()


def _pad(text: str, to: int) -> str:
    return text + " " * (to - width(text))
