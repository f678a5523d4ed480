"""Processes under a time limit: what they may do to us, and what is left of them."""

import sys
import time
from datetime import timedelta
from pathlib import Path

import pytest

from accessplane.lib import processes
from accessplane.lib.processes import TookTooLong, WroteTooMuch

LONG, SHORT = timedelta(seconds=20), timedelta(seconds=1)


def run(code: str, said: bytes = b"", *, patience=LONG, largest=1000, env=None):
    return processes.run(
        [sys.executable, "-c", code],
        said,
        cwd=Path.cwd(),
        env=env or {},
        patience=patience,
        largest=largest,
    )


def test_it_reads_what_it_is_told_and_we_read_what_it_says():
    copy = "import sys; sys.stdout.write(sys.stdin.read()[::-1]); sys.stderr.write('hm')"

    assert run(copy, b"abc") == processes.Finished(0, b"cba", b"hm")


def test_a_long_question_that_nobody_reads_holds_nobody_up():
    assert run("print('done')", b"x" * 5_000_000).written == b"done\n"


def test_its_exit_code_is_told():
    assert run("raise SystemExit(3)").code == 3
    assert run("import os; os.kill(os.getpid(), 9)").code == -9


def test_it_gets_this_environment_and_no_other():
    told = run("import os; print(sorted(os.environ))", env={"LC_CTYPE": "C.UTF-8", "A": "b"})

    assert told.written == b"['A', 'LC_CTYPE']\n"


def test_both_pipes_are_read_at_once():
    both = """
import sys
for _ in range(50):
    sys.stderr.write("e" * 100_000)
    sys.stdout.write("o" * 10)
"""
    finished = run(both)

    assert finished.written == b"o" * 500
    assert finished.complaint == b"e" * processes.COMPLAINT_KEPT


def test_too_much_is_too_much():
    with pytest.raises(WroteTooMuch):
        run("print('x' * 1001)")
    with pytest.raises(WroteTooMuch):
        run("while True: print('x' * 100)")


def test_its_time_is_kept_to():
    for forever in (
        "import time; time.sleep(60)",
        "while True: pass",
        "import os, time; os.close(1); os.close(2); time.sleep(60)",
        "import sys\nwhile True: sys.stderr.write('x' * 100)",
    ):
        started = time.monotonic()
        with pytest.raises(TookTooLong):
            run(forever, patience=SHORT)
        assert time.monotonic() - started < 5


def test_a_child_of_its_own_that_holds_the_pipes_is_not_waited_for():
    hold = (
        f"import subprocess; subprocess.Popen([{sys.executable!r}, '-c',"
        " 'import time; time.sleep(60)'])"
    )
    started = time.monotonic()

    assert run(hold).code == 0
    assert time.monotonic() - started < 5


def test_what_cannot_be_started_is_an_error_of_the_system():
    with pytest.raises(FileNotFoundError):
        processes.run(
            ["/nowhere/to/be/found"], b"", cwd=Path.cwd(), env={}, patience=LONG, largest=1
        )


def test_no_descriptor_is_left():
    fds = len(list(Path("/proc/self/fd").iterdir()))
    for _ in range(3):
        run("print('x')")
        with pytest.raises(TookTooLong):
            run("import time; time.sleep(60)", patience=timedelta(milliseconds=200))
    assert len(list(Path("/proc/self/fd").iterdir())) == fds
