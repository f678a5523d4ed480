import io
import os
import subprocess
import sys
from pathlib import Path

import accessplane_client
import yaml
from accessplane_client.settings import Login, load, login_path

ID = "9c721e54-b049-4ef8-a7f6-c777aa066764"
NONE = {"next": None, "previous": None, "results": []}
BOB = {"email": "bob@example.com", "display_name": "Bob", "roles": ["developer"], "traits": {}}


def test_help_is_no_mistake(ap):
    assert ap("--help")[0] == 0
    assert ap("request", "create", "--help")[0] == 0
    assert ap("--version")[0] == 0


def test_signing_in_checks_the_token_and_keeps_it(ap, canned, monkeypatch, tmp_path):
    monkeypatch.setattr(sys, "stdin", io.StringIO("ap_new\n"))
    canned.answers(BOB)

    code, out, err = ap("login", "--url", "https://new.example.com/")

    path = login_path({"XDG_CONFIG_HOME": str(tmp_path)})
    assert code == 0
    assert load(path) == Login("https://new.example.com", "ap_new")
    assert path.stat().st_mode & 0o777 == 0o600
    assert "Signed in to https://new.example.com as bob@example.com." in err
    assert "still win over this login" in err
    assert "ap_new" not in out + err

    assert ap("logout")[0] == 0
    assert load(path) is None


def test_a_token_that_is_refused_is_not_kept(ap, canned, monkeypatch, tmp_path):
    monkeypatch.setattr(sys, "stdin", io.StringIO("ap_wrong\n"))
    canned.refuses(401, "not_authenticated", "This token is not known.")

    code, out, err = ap("login", "--url", "https://new.example.com/")

    assert code == 1
    assert load(login_path({"XDG_CONFIG_HOME": str(tmp_path)})) is None
    assert "ap_wrong" not in out + err


def test_whoever_is_not_signed_in_is_told_how(ap, monkeypatch):
    monkeypatch.delenv("ACCESSPLANE_TOKEN")

    code, _, err = ap("whoami")

    assert code == 1
    assert "ap login" in err


def test_what_is_held_for_a_time_belongs_to_who_one_is(ap, canned, approved):
    canned.answers(BOB)
    canned.answers(NONE | {"results": approved["grants"]})

    _, out, _ = ap("whoami")

    assert "For a time: dba until 03 Apr 21 12:00 UTC" in out


def test_several_files_are_applied_in_one_piece(ap, canned, tmp_path):
    (tmp_path / "a.yaml").write_text("kind: role\n")
    (tmp_path / "b.yml").write_text("---\nkind: user\n")
    (tmp_path / "c.txt").write_text("not this one")
    result = {"documents": [{"kind": "role", "name": "dba", "result": "created"}]}
    canned.answers(result | {"warnings": ["options.x has no effect"]})

    code, out, err = ap("apply", "-f", str(tmp_path))

    assert code == 0
    assert list(yaml.safe_load_all(canned.calls[0].content)) == [
        {"kind": "role"},
        {"kind": "user"},
    ]
    assert out.splitlines()[2] == "role dba  created"
    assert err == "Warning: options.x has no effect\n"


def test_events_come_oldest_first_and_the_newest_so_many(ap, canned):
    found = [
        {
            "sequence": number,
            "type": "access_request.created",
            "at": "2021-04-03T03:58:00Z",
            "actor": {"kind": "user", "name": "bob@example.com", "via": "cli"},
            "about": {"kind": "access_request", "id": ID},
        }
        for number in (1, 2, 3)
    ]
    canned.answers(NONE | {"results": found})

    _, out, _ = ap("events", "--limit", "2", "--after", "0")

    assert [line.split()[0] for line in out.splitlines()[2:]] == ["2", "3"]
    assert f"bob@example.com (cli) access_request {ID}" in out


def test_help_is_quick_because_it_loads_neither_http_nor_yaml():
    script = (
        "import sys; from accessplane_client.cli import app; "
        "app.run(['--help']); sys.exit(bool({'httpx', 'yaml'} & set(sys.modules)))"
    )

    done = run_apart([sys.executable, "-c", script])

    assert done.returncode == 0, done.stderr


def test_a_reader_who_leaves_early_is_no_drama():
    script = "from accessplane_client.cli.app import main; main()"
    command = f"{sys.executable} -c '{script}' request create --help | true"

    done = run_apart(["sh", "-c", command])

    assert done.stderr == b""


def run_apart(command):
    env = os.environ | {"PYTHONPATH": str(Path(accessplane_client.__file__).parents[1])}
    return subprocess.run(command, env=env, capture_output=True, check=False)  # noqa: S603
