"""`python -m bench`: the tables of what a call, a page, a start and an idle plane cost; or some of
them, by name: `python -m bench pages`."""

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from bench import followers, pages, scenes
from bench.scenes import Stage
from bench.server import Server
from bench.table import cost_table, table

ROUNDS = 5
IDLE_SECONDS = 5.0
UNTHROTTLED = {
    "ACCESSPLANE_THROTTLE_TOKEN": "100000/s",
    "ACCESSPLANE_STREAMS_PER_USER": "1000",
}


def main() -> None:
    """Measure what is named, or everything: calls first, then pages, the event stream, starts."""
    for name in sys.argv[1:] or MEASURES:
        with TemporaryDirectory(prefix="accessplane-bench-") as folder:
            MEASURES[name](Path(folder))


def measure_pages(below: Path) -> None:
    """Pages while a thousand requests wait."""
    data = _new(below / "read")
    with Server("manage.py", "serve", "--port=0", data=data, **UNTHROTTLED) as plane:
        scenes.furnish(plane)
        print(f"{pages.pages_table(plane, ROUNDS)}\n", flush=True)


def measure_stream(below: Path) -> None:
    """From an event to a hundred readers, each way to follow in turn."""
    data = _new(below / "followed")
    with Server("manage.py", "serve", "--port=0", data=data, **UNTHROTTLED) as plane:
        scenes.furnish(plane)
        print(f"{followers.follow_table(plane)}\n", flush=True)


def measure_calls(below: Path) -> None:
    """Access Plane and a bare view in turn, so that both meet the same machine."""
    data, bare_data = _new(below / "plane"), _new(below / "bare")
    with (
        Server("manage.py", "serve", "--port=0", data=data, **UNTHROTTLED) as plane,
        Server("-m", "bench.bare", data=bare_data) as bare,
    ):
        stage, bare_stage = Stage(plane), Stage(bare)
        tokens = scenes.furnish(plane)
        _warm_up(stage, bare_stage, tokens)
        for number in range(1, ROUNDS + 1):
            print(f"Round {number} of {ROUNDS}", flush=True)
            scenes.play_bare(bare_stage, scenes.play(stage, tokens))
        print(f"\n{cost_table(bare_stage.measured | stage.measured)}\n")
        rows = [
            ("processor used when idle", f"{100 * stage.idle:.1f} %"),
            ("memory after these calls", f"{plane.megabytes:.0f} MB"),
        ]
        print(f"{table(('the whole plane', ''), rows)}\n", flush=True)


def _warm_up(stage: Stage, bare_stage: Stage, tokens: dict[str, str]) -> None:
    scenes.play_bare(bare_stage, scenes.play(stage, tokens))
    for each in (stage, bare_stage):
        each.forget()
        each.idle = each.server.idle_use(IDLE_SECONDS)


def measure_start(below: Path) -> None:
    """The demo, first on an empty folder and then again."""
    data, rows = _new(below / "demo"), []
    for name in ("first start of the demo", "second start of the demo"):
        with Server("manage.py", "demo", "--port=0", data=data) as demo:
            rows.append((name, f"{demo.seconds_to_start:.2f}", f"{demo.megabytes:.0f}"))
    print(table(("until it answers", "seconds", "MB"), rows))


def _new(folder: Path) -> Path:
    folder.mkdir()
    return folder


MEASURES = {
    "calls": measure_calls,
    "pages": measure_pages,
    "stream": measure_stream,
    "start": measure_start,
}

if __name__ == "__main__":
    main()
