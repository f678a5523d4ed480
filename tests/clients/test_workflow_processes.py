"""Programs of workflows as processes: signals, kill -9 at any line, and where the place is kept."""

import json
import signal

import pytest
from accessplane_client.workflows.places import PlaceFile, places_of

from tests.clients.programs import Program, shown_program

HEAD = """
import logging, os, signal, time
from pathlib import Path
from accessplane_client import AccessDenied, Plane
logging.basicConfig(level="INFO", format="%(message)s")
plane = Plane.from_env()

def die_once():
    mark = Path(os.environ["HOME"]) / "died"
    if not mark.exists():
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)
"""
SLOW = """
@plane.workflow("ticket")
def slow(req):
    logging.info("at work")
    time.sleep(0.5)

plane.run()
logging.info("ended cleanly")
"""
DIES_IN_ITS_HANDLER = """
@plane.workflow("ticket")
def dies(req):
    if req.reason == "deadly":
        die_once()

plane.run()
"""
DIES_AFTER_ITS_VERDICT = """
from accessplane_client.workflows.places import places_of
kept = places_of(None, os.environ, url=plane.url, workflows=["ticket"])

class Kept:
    get = staticmethod(kept.get)
    def set(self, place):
        if place > 1 and BEFORE: die_once()
        kept.set(place)
        if place > 1: die_once()

@plane.workflow("ticket")
def ticket(req):
    pass

plane.run(state=Kept())
"""
DEADLY = {
    "in the handler": DIES_IN_ITS_HANDLER,
    "before the place is kept": "BEFORE = True" + DIES_AFTER_ITS_VERDICT,
    "after the place is kept": "BEFORE = False" + DIES_AFTER_ITS_VERDICT,
}


@pytest.fixture
def run(small_plane, tmp_path):
    """`run(script)`: a process against the small plane; all of one test share a home."""
    begun = []

    def begin(script, **environment):
        home = tmp_path / "home"
        begun.append(Program(script, home, url=small_plane.url, token="ap_bot", **environment))
        return begun[-1]

    yield begin
    for program in begun:
        program.kill()


def kept_files(tmp_path):
    return [*(tmp_path / "home/.local/state/accessplane").glob("*")]


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_cleanly_and_lets_a_handler_finish(small_plane, run, how):
    program = run(HEAD + SLOW)
    small_plane.wait_until_read()
    first, second = small_plane.ask("dba"), small_plane.ask("dba")
    program.logged("at work")

    program.send(how)

    assert program.end() == 0
    assert "ended cleanly" in program.log
    assert "Traceback" not in program.log
    assert small_plane.state_of(first) == "PASSED"
    assert small_plane.state_of(second) == "PENDING"


def test_a_signal_ends_it_while_it_waits(small_plane, run):
    program = run(HEAD + SLOW)
    small_plane.wait_until_read()

    program.send(signal.SIGTERM)

    assert program.end() == 0


@pytest.mark.parametrize("script", DEADLY.values(), ids=DEADLY)
def test_whoever_kills_it_at_any_line_loses_nothing(small_plane, run, tmp_path, script):
    program = run(HEAD + script)
    small_plane.wait_until_read()
    before = small_plane.ask("dba")
    small_plane.wait_for_verdict(before)
    deadly = [small_plane.ask("dba", reason="deadly") for _ in range(3)]
    assert program.end() == -signal.SIGKILL
    meanwhile = small_plane.ask("dba")

    run(HEAD + script)
    for request in [*deadly, meanwhile]:
        small_plane.wait_for_verdict(request)

    assert {report[2:] for report in small_plane.reports} == {("ALLOW", 200)}
    assert small_plane.counted(before) == small_plane.counted(meanwhile) == 1


def test_the_place_is_kept_for_the_owner_alone(small_plane, run, tmp_path):
    program = run(HEAD + SLOW)
    small_plane.wait_until_read()
    small_plane.wait_for_verdict(small_plane.ask("dba"))
    program.send(signal.SIGTERM)
    assert program.end() == 0

    (path,) = kept_files(tmp_path)
    assert json.loads(path.read_text()) == {"plane": small_plane.url, "sequence": 1}
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700


def test_the_environment_names_the_file(small_plane, run, tmp_path):
    path = tmp_path / "place.json"
    run(HEAD + SLOW, ACCESSPLANE_STATE=str(path))
    small_plane.wait_until_read()
    small_plane.wait_for_verdict(small_plane.ask("dba"))
    small_plane.wait_for(lambda: PlaceFile(path, small_plane.url).get() == 1)

    assert kept_files(tmp_path) == []


def test_a_token_that_is_not_taken_is_said_in_the_last_line(small_plane, run):
    small_plane.refusal = 401, "not_authenticated"
    program = run(shown_program())

    assert program.end() == 1
    assert "No. The program stops: it needs another token." in program.log.splitlines()[-1]


# --- where it is kept ---------------------------------------------------------------------------

URL = "https://plane.example.com"


def test_a_place_in_another_plane_is_none(tmp_path):
    PlaceFile(tmp_path / "place", URL).set(7)

    assert PlaceFile(tmp_path / "place", URL).get() == 7
    assert PlaceFile(tmp_path / "place", "https://other.example.com").get() is None


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"plane": "https://plane.example.com"}'])
def test_a_file_that_is_broken_is_a_place_nowhere(tmp_path, text, caplog):
    (tmp_path / "place").write_text(text)

    assert PlaceFile(tmp_path / "place", URL).get() is None
    assert "holds no place" in caplog.text


def test_a_place_that_cannot_be_written_leaves_the_old_one(tmp_path, monkeypatch):
    kept = PlaceFile(tmp_path / "place", URL)
    kept.set(7)
    monkeypatch.setattr("os.fsync", lambda _: (_ for _ in ()).throw(OSError("full")))

    with pytest.raises(OSError, match="full"):
        kept.set(8)

    assert kept.get() == 7
    assert [path.name for path in tmp_path.iterdir()] == ["place"]


def test_each_program_has_a_file_of_its_own(tmp_path):
    environ = {"XDG_STATE_HOME": str(tmp_path)}

    def file_of(url, *workflows, state=None, **more):
        return places_of(state, environ | more, url=url, workflows=workflows)._path

    own = file_of(URL, "ticket")
    others = {file_of(URL, "device"), file_of("https://other.example.com", "ticket")}
    named = tmp_path / "mine.json"

    assert own.parent == tmp_path / "accessplane"
    assert own not in others
    assert file_of(URL, "ticket", state=named) == named
    assert file_of(URL, "ticket", ACCESSPLANE_STATE=str(named)) == named
    assert file_of(URL, "ticket", state=str(tmp_path)) == tmp_path / own.name
