"""What readers cost who wait, who are slow, and who are there when the plane stops."""

import asyncio
import itertools
import resource
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.cast import role
from tests.streams import PATIENCE, Stage, in_background, open_all, threads_of

pytestmark = pytest.mark.embedded

CHANGES = 80

numbers = itertools.count()


@pytest.fixture
def stage(tmp_path, prepared):
    stage = Stage(
        tmp_path,
        prepared,
        ACCESSPLANE_STREAMS_PER_USER="1000",
        ACCESSPLANE_THROTTLE_TOKEN="100000/s",
    )
    yield stage
    stage.end()


def connections_of(process):
    """How often the process has the database's file open."""
    links = Path(f"/proc/{process.pid}/fd").iterdir()
    return sum(link.readlink().name == "plane.sqlite3" for link in links if link.is_symlink())


def megabytes_of(process):
    status = Path(f"/proc/{process.pid}/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0]) / 1000


@pytest.fixture
def many_files():
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 4096), hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_five_hundred_readers_cost_neither_threads_nor_connections(stage, many_files):
    asyncio.run(wait_together(stage))


async def wait_together(stage):
    threads, connections = threads_of(stage.process), connections_of(stage.process)

    last = await asyncio.to_thread(stage.note)
    readers = await open_all(stage.port, stage.cast["auditor"].token, after=last)

    # A tenth of them: the watcher, the worker's threads, and what the web server needs while some
    # are being opened at a time, on however busy a machine.
    more = len(readers) // 10
    try:
        assert threads_of(stage.process) <= threads + more
        assert connections_of(stage.process) <= connections + more
        assert megabytes_of(stage.process) < 200
        sequence = await asyncio.to_thread(stage.note)
        hearing = [reader.readuntil(b'"sequence":%d,' % sequence) for reader, _ in readers]
        await asyncio.wait_for(asyncio.gather(*hearing), PATIENCE)
    finally:
        for _, writer in readers:
            writer.close()


def test_a_slow_reader_is_waited_for_and_costs_no_memory(stage):
    """Sixty megabytes happen; nothing of it is kept for the reader, who gets all in the end."""
    before = stage.note()
    with stage.sse("auditor", after=before, buffer=4096) as slow:
        slow.block()
        change_heavily(stage)  # so much memory it takes to read such events at all
        growth = [growth_by_changes(stage) for _ in range(2)]
        last = stage.note()
        found = slow.until(sequence=last)

    assert [event["sequence"] for event in found] == list(range(before + 1, last + 1))
    assert sum(event["about"]["kind"] == "role" for event in found) == 3 * CHANGES
    # What is kept, every round keeps: twenty megabytes. Once, memory may be taken for a while.
    assert min(growth) < 10


def growth_by_changes(stage):
    """Megabytes."""
    before = megabytes_of(stage.process)
    change_heavily(stage)
    return megabytes_of(stage.process) - before


def change_heavily(stage):
    """Twenty megabytes of events."""
    for _ in range(CHANGES):
        prompt = f"{next(numbers)} {'x' * 250_000}"
        stage.call(
            "dana", "POST", "apply/", [role("heavy", options={"request_prompt": prompt})]
        )


@pytest.mark.parametrize("kind", ["sse", "web_socket", "held"])
def test_open_streams_do_not_keep_the_plane_from_stopping(stage, kind):
    last = stage.note()
    with ExitStack() as stack:
        if kind == "held":
            held = in_background(stage.call, "auditor", "GET", f"events/?after={last}&wait=60")
        else:
            reader = stack.enter_context(getattr(stage, kind)("auditor", after=last))
        code, seconds = stage.stop()

        assert code == 0
        assert seconds < 1.5
        if kind == "held":
            assert held.join() == {"next": None, "previous": None, "results": []}
        if kind == "sse":
            assert reader.block() == {"retry": "2000"}
            assert reader.next() is None
