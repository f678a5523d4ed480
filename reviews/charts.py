"""Pure: where things stand in a chart.

Sideways everything is in percent of the width, so that a chart fits any page and its letters keep
their size; upwards in pixels from the top of `HEIGHT`. All numbers are texts, as SVG wants them.
Axes begin at zero.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

HEIGHT = 180
_TICKS = 4
_LETTERS = 14
_MINUTE, _HOUR, _DAY = 60, 3600, 86400
# Steps between the ticks of an axis of lengths, in seconds.
_LENGTHS = [
    *(n * _MINUTE for n in (1, 2, 5, 10, 15, 30)),
    *(n * _HOUR for n in (1, 2, 4, 8, 12)),
    *(n * _DAY for n in (1, 2, 5, 10, 30, 100)),
]

Write = Callable[[float], str]


@dataclass(frozen=True, slots=True)
class Tick:
    """A line across the chart, with what it stands for."""

    y: str
    label: str


@dataclass(frozen=True, slots=True)
class Label:
    """What stands below the chart at a place."""

    x: str
    text: str


@dataclass(frozen=True, slots=True)
class Dot:
    """A value, with what is said of it."""

    x: str
    y: str
    title: str


@dataclass(frozen=True, slots=True)
class Stroke:
    """From one value to the next."""

    x1: str
    y1: str
    x2: str
    y2: str


@dataclass(frozen=True, slots=True)
class Line:
    """Values one after the other; a value that is missing interrupts the line."""

    name: str
    kind: str
    dots: list[Dot]
    strokes: list[Stroke]
    name_y: str = "0"

    @property
    def last(self) -> Dot | None:
        """Where the name of the line stands."""
        return self.dots[-1] if self.dots else None


@dataclass(frozen=True, slots=True)
class Axes:
    """What lies below everything: the ticks at the side and the labels at the foot."""

    ticks: list[Tick]
    labels: list[Label]
    height: int = HEIGHT


@dataclass(frozen=True, slots=True)
class LineChart:
    """Lines over the same places."""

    axes: Axes
    lines: list[Line]

    @property
    def is_telling(self) -> bool:
        """Whether there is more to see than single values, which are better said."""
        return any(line.strokes for line in self.lines)


@dataclass(frozen=True, slots=True)
class Series:
    """What a line is made of: `kind` is its class, None is a value that is missing."""

    name: str
    kind: str
    values: Sequence[float | None]


def line_chart(
    series: Sequence[Series],
    places: Sequence[str],
    *,
    write: Write,
    lengths: bool = False,
    most_labels: int = 6,
) -> LineChart:
    """The chart of these series; `write` says a value in words, `lengths` are seconds."""
    highest = max((v for one in series for v in one.values if v is not None), default=0)
    top, ticks = _scale(highest, write, _LENGTHS if lengths else None)
    every = -(-len(places) // most_labels) or 1
    labels = [
        Label(_middle(n, len(places)), text) for n, text in enumerate(places) if n % every == 0
    ]
    lines = [_line(one, places, top, write) for one in series]
    return LineChart(Axes(ticks, labels), _with_names_apart(lines))


def shares(values: Sequence[int], most: int) -> list[tuple[str, str]]:
    """Bars end to end on one row: where each begins and how wide it is, `most` being the whole."""
    found, begin = [], 0.0
    for value in values:
        width = 100 * value / most if most else 0.0
        found.append((_percent(begin), _percent(width)))
        begin += width
    return found


def short_length(seconds: float) -> str:
    """A length as an axis has room for: "45 s", "12 min", "1.5 h", "3 d"; two digits that count."""
    for size, unit in ((_DAY, "d"), (_HOUR, "h"), (_MINUTE, "min")):
        if seconds >= size:
            return f"{_brief(seconds / size)} {unit}"
    return f"{seconds:.0f} s" if seconds else "0"


def _brief(number: float) -> str:
    return f"{number:.1f}".removesuffix(".0") if number < 10 else f"{number:.0f}"  # noqa: PLR2004


def _scale(
    highest: float, write: Write, steps: Sequence[int] | None
) -> tuple[float, list[Tick]]:
    """The top of an axis from zero, and its ticks."""
    step = _step(highest, steps)
    count = max(1, -(-highest // step))
    top = float(step * count)
    ticks = [
        Tick(_pixels(_y(n * step, top)), write(float(n * step))) for n in range(int(count) + 1)
    ]
    return top, ticks


def _step(highest: float, steps: Sequence[int] | None) -> int:
    """The distance of ticks: the first good one that needs few of them."""
    good = steps or [n * 10**power for power in range(9) for n in (1, 2, 5)]
    return next((step for step in good if highest <= step * _TICKS), good[-1])


def _line(series: Series, places: Sequence[str], top: float, write: Write) -> Line:
    dots = [
        value
        if value is None
        else Dot(
            _middle(n, len(places)),
            _pixels(_y(value, top)),
            f"{places[n]}: {series.name} {write(value)}",
        )
        for n, value in enumerate(series.values)
    ]
    strokes = [
        Stroke(one.x, one.y, other.x, other.y)
        for one, other in pairwise(dots)
        if isinstance(one, Dot) and isinstance(other, Dot)
    ]
    there = [dot for dot in dots if isinstance(dot, Dot)]
    return Line(series.name, series.kind, there, strokes)


def _with_names_apart(lines: Sequence[Line]) -> list[Line]:
    """The names at the ends of the lines, moved up from each other where they would meet."""
    placed: dict[str, Line] = {}
    free = float(HEIGHT)
    ends = [(float(line.last.y), line) for line in lines if line.last]
    for y, line in sorted(ends, key=lambda end: -end[0]):
        y = min(y, free)  # noqa: PLW2901 - it moves
        placed[line.kind] = replace(line, name_y=_pixels(y))
        free = y - _LETTERS
    return [placed.get(line.kind, line) for line in lines]


def _middle(number: int, count: int) -> str:
    return _percent(100 * (number + 0.5) / count)


def _y(value: float, top: float) -> float:
    return HEIGHT * (1 - value / top)


def _percent(number: float) -> str:
    return f"{number:.2f}%"


def _pixels(number: float) -> str:
    return f"{number:.1f}"
