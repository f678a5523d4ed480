"""The table that is printed."""

from collections.abc import Mapping, Sequence
from statistics import median, quantiles

from bench import scenes
from bench.scenes import Measured

# Milliseconds of processor that a call may cost.
TARGETS = {
    scenes.BARE: 3.0,
    scenes.CREATE: 7.0,
    scenes.APPROVE: 9.0,
    scenes.LIST: 12.0,
    scenes.ONE: 6.0,
    scenes.CHECK: 3.0,
}
PAGE_TARGET = 40.0  # the same for a page
PAGE_HEADINGS = (
    "per page, 1,000 requests open",
    "CPU ms",
    "target",
    "median ms",
    "p95 ms",
    "calls",
)
HEADINGS = ("per call", "CPU ms", "target", "x bare", "median ms", "p95 ms", "calls")


def cost_table(measured: Mapping[str, Measured]) -> str:
    """Every kind of call with its cost, beside the bare view's."""
    bare = _cpu(measured[scenes.BARE])
    rows = [_row(name, cost, bare) for name, cost in measured.items()]
    return table(HEADINGS, rows)


def page_table(measured: Mapping[str, Measured]) -> str:
    """Every page with its cost."""
    rows = [
        (name, f"{_cpu(cost):.2f}", f"{PAGE_TARGET:.0f}", *_waits(cost))
        for name, cost in measured.items()
    ]
    return table(PAGE_HEADINGS, rows)


def table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Columns under their headings, the first to the left and the others to the right."""
    widths = [max(map(len, column)) for column in zip(headings, *rows, strict=True)]
    ruled = [headings, ["-" * width for width in widths], *rows]
    return "\n".join(
        "  ".join(
            cell.rjust(width) if number else cell.ljust(width)
            for number, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        for row in ruled
    )


def _row(name: str, cost: Measured, bare: float) -> tuple[str, ...]:
    cpu, target = _cpu(cost), TARGETS.get(name)
    return (
        name,
        f"{cpu:.2f}",
        f"{target:.0f}" if target else "-",
        f"{cpu / bare:.1f}",
        *_waits(cost),
    )


def _waits(cost: Measured) -> tuple[str, str, str]:
    return (
        f"{1000 * median(cost.waits):.2f}",
        f"{1000 * quantiles(cost.waits, n=20)[-1]:.2f}",
        str(len(cost.waits)),
    )


def _cpu(cost: Measured) -> float:
    """Milliseconds a call."""
    return 1000 * cost.cpu / len(cost.waits)
