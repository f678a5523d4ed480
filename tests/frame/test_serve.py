"""The real process, started and stopped as people do."""

import re
import signal
from pathlib import Path

import pytest

from tests.frame.processes import FLEET, manage


def test_it_is_ready_when_it_says_so(start):
    plane = start()

    assert plane.get("/healthz") == (200, b'{"status": "alive"}')
    assert plane.get("/readyz")[0] == 200


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_it_within_a_second(start, how):
    plane = start()

    code, seconds = plane.stop(how)

    assert code == 0
    assert seconds < 1.5  # half a second of that for a busy machine


def test_the_next_start_finds_the_data_prepared_and_the_owner_s_key_unchanged(
    start_first, tmp_path
):
    first = start_first()
    first.stop()
    key = (tmp_path / "secret_key").read_text()

    second = start_first()

    assert first.printed[0].startswith("Preparing the database: ")
    assert second.printed == [f"Access Plane is ready on http://127.0.0.1:{second.port}"]
    assert (tmp_path / "secret_key").read_text() == key
    assert (tmp_path / "secret_key").stat().st_mode & 0o777 == 0o600


def test_the_whole_plane_fits_in_150_megabytes(start_first):
    plane = start_first()
    plane.get("/api/v1/schema/")  # the largest answer of all

    status = Path(f"/proc/{plane.process.pid}/status").read_text()

    kilobytes = int(status.partition("VmRSS:")[2].split()[0])
    assert kilobytes < 150_000


def test_a_port_that_is_taken_is_said_in_a_sentence(start, tmp_path):
    taken = start()

    refused = manage("serve", "--port", str(taken.port), DATA=str(tmp_path))

    assert refused.returncode == 1
    assert f"cannot listen on 127.0.0.1, port {taken.port}: Address already in use." in (
        refused.stderr
    )
    assert "Traceback" not in refused.stderr


@pytest.mark.parametrize("port", ["-1", "65536", "http"])
def test_a_port_that_is_none_is_refused(tmp_path, port):
    refused = manage("serve", f"--port={port}", DATA=str(tmp_path))

    assert refused.returncode == 2
    assert "a port is a number up to 65535" in refused.stderr


def test_the_demo_prints_who_can_sign_in_and_keeps_what_is_there(start_first):
    first = start_first("demo")
    first.stop()
    second = start_first("demo")

    for plane in (first, second):
        assert "  bob@example.com    bob-demo-password" in plane.printed
    assert re.fullmatch(r"The demo organisation: \d+ created\.", first.printed[1])
    assert re.fullmatch(r"The demo organisation: \d+ unchanged\.", second.printed[0])


def test_settings_for_a_fleet_do_not_serve_from_one_process():
    refused = manage("serve", "--port", "0", **FLEET)

    assert refused.returncode == 1
    assert "These settings are for a fleet" in refused.stderr
