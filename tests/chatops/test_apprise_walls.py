"""What Apprise could do and may not: files, programs, sockets, and services of these."""

import json
import os
import subprocess
import sys

import pytest
from django.conf import settings

from accessplane.lib.errors import InvalidInput
from chatops.channels.apprise.schemes import ALLOWED, NOT_THEIRS, scheme_of
from chatops.models import ChannelConfig
from tests import cast
from tests.architecture.source import product
from tests.architecture.test_asking_workflows import imported
from tests.chatops.test_apprise import apprise

# --- which URLs ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("", "A secret is a text"),
        ("tgram", "no URL of Apprise's"),
        ("tgram://", "no URL of Apprise's"),
        ("https://example.com/hook", "https:// is not among"),
        ("file:///etc/passwd", "file:// is not among"),
        ("exec:///bin/true", "exec:// is not among"),
        ("dbus://", "no URL of Apprise's"),
        ("dbus://x", "dbus:// is not among"),
        ("syslog://localhost", "syslog:// is not among"),
        ("macosx://x", "macosx:// is not among"),
        ("mqtt://host/topic", "mqtt:// is not among"),
        ("fcm://p@k/t?keyfile=/etc/passwd", "fcm:// is not among"),
        ("workflows://h/a/b/?template=/etc/passwd", "there is the channel type teams"),
        ("slack://a/b/c", "there is the channel type slack"),
        ("mailto://a:b@example.com", "there is the channel type email"),
        ("json://example.com, syslog://localhost", "no URL of Apprise's"),
        ("json://example.com\nsyslog://localhost", "no URL of Apprise's"),
        ("json://example.com/" + "x" * 2000, "no URL of Apprise's"),
        ("json://example.com/?cto=1000", "cto= is not for a URL"),
        ("json://example.com/?a=b&RTO=1000", "rto= is not for a URL"),
        ("json://example.com/?%76erify=no", "verify= is not for a URL"),
        ("tgram://t/c/?template=/etc/passwd", "template= is not for a URL"),
        ("json://example.com/?retry=5", "retry= is not for a URL"),
        ("json://example.com/?optional=yes", "optional= is not for a URL"),
        ("json://example.com/?redirect=yes", "redirect= is not for a URL"),
        ("env:DATABASE_URL", "belongs to the plane itself"),
    ],
)
@pytest.mark.django_db
def test_a_url_that_may_not_be_is_refused(everybody, url, said):
    with pytest.raises(InvalidInput) as refusal:
        cast.apply(apprise(url))

    assert said in refusal.value.detail
    assert refusal.value.detail.endswith("at `spec.settings`")
    assert not ChannelConfig.objects.exists()


def test_a_refusal_shows_nothing_of_the_url_but_its_scheme():
    with pytest.raises(ValueError, match="may be used") as refusal:
        scheme_of("irc://user:secret@host/")

    assert "secret" not in str(refusal.value)


def test_the_case_of_a_scheme_does_not_count():
    assert scheme_of("JSON://example.com") == "json"


# --- which services -----------------------------------------------------------------------------


_SOURCES = """
import inspect, json
from apprise.manager_plugins import NotificationManager
plugins = NotificationManager()
plugins.load_modules()
print(json.dumps({
    name: [inspect.getsource(inspect.getmodule(plugins[name])),
           [*plugins[name].template_args, *plugins[name].template_tokens]]
    for name in %r
}))
"""


def ran(code: str) -> str:
    """What this prints, in an interpreter of its own."""
    finished = subprocess.run(  # noqa: S603 - our own
        [sys.executable, "-B", "-c", code],
        capture_output=True,
        text=True,
        cwd=settings.BASE_DIR,
        env={"PATH": os.environ["PATH"]},
        timeout=60,
        check=False,
    )
    assert finished.returncode == 0, finished.stderr
    return finished.stdout


def test_what_is_allowed_talks_http_and_names_no_file():
    """So that a newer Apprise is looked at again before it is taken."""
    found = json.loads(ran(_SOURCES % sorted(ALLOWED)))

    for scheme, (source, arguments) in found.items():
        assert "import requests" in source, scheme
        for word in ("subprocess", "import socket", "smtplib", "keyfile", "os.environ", "paho"):
            assert word not in source, (scheme, word)
        files = {name for name in arguments if name in {"file", "template", "keyfile"}}
        assert files <= NOT_THEIRS, scheme


# --- the walls of the process -------------------------------------------------------------------

_ATTEMPTS = """
import json
from chatops.channels.apprise import child
wire = child.prepare({"allowed": ["127.0.0.1"], "seconds": 5})
import os, socket, subprocess, sys, requests
said = {}
for code in %r:
    try:
        exec(code)
        said[code] = "done"
    except Exception as error:
        said[code] = f"{type(error).__name__} {error}"
print(json.dumps(said))
"""


def attempts(*codes: str) -> dict[str, str]:
    """What comes of each of these in the process that lets Apprise send."""
    said: dict[str, str] = json.loads(ran(_ATTEMPTS % [*codes]))
    return said


def test_the_process_does_nothing_but_calls_of_ours(tmp_path):
    trace = str(tmp_path / "trace")
    said = attempts(
        "subprocess.run(['true'])",
        "os.system('true')",
        "os.execv('/bin/true', ['true'])",
        "os.posix_spawn('/bin/true', ['true'], {})",
        "os.fork()",
        "open('/etc/passwd').read()",
        "os.open('/etc/passwd', os.O_RDONLY)",
        "open('manage.py').read()",
        f"open({trace!r}, 'w')",
        "open(os.path.join(sys.prefix, 'apprise-was-here'), 'w')",
        f"os.mkdir({trace!r})",
        "socket.create_connection(('127.0.0.1', 9))",
        "socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', ('127.0.0.1', 9))",
        "socket.socket(socket.AF_UNIX).connect('/run/docker.sock')",
        "import smtplib; smtplib.SMTP('127.0.0.1', 25)",
    )

    assert {
        code for code, came in said.items() if not came.startswith("PermissionError")
    } == set()
    assert len(said) == 15
    assert not (tmp_path / "trace").exists()


def test_requests_goes_our_way_and_no_further(receiver):
    receiver.will_answer(200, times=20)
    here = f"http://127.0.0.1:{receiver.port}/x"
    post = f"assert requests.post({here!r}, 'b').status_code == 200"
    stolen = "requests.get('http://169.254.169.254/latest/meta-data')"
    often = f"[requests.post({here!r}, 'b') for _ in range(20)]"

    said = attempts(post, stolen, often)

    assert said[post] == "done"
    assert said[stolen] == (
        "ConnectionError 169.254.169.254 is at an address that may not be called from here."
    )
    assert said[often].startswith("ConnectionError")
    assert len(receiver.calls) == 19
    assert receiver.calls[0].headers["connection"] == "close"


def test_the_process_gets_none_of_our_secrets(monkeypatch, receiver):
    """Its environment is that of a stranger."""
    from accessplane.lib import processes
    from chatops.channels.apprise import channel

    given = {}

    def run(*_, env, **__):
        given.update(env)
        return processes.Finished(0, json.dumps({"delivered": True}).encode(), b"")

    monkeypatch.setenv("ACCESSPLANE_SECRET_KEY", "x")
    monkeypatch.setenv("SLACK_BOT_TOKEN", "x")
    monkeypatch.setattr(channel.processes, "run", run)
    channel._told({"url": "json://example.com"})

    assert set(given) <= {"LANG", "LC_ALL", "PATH", "SSL_CERT_DIR", "SSL_CERT_FILE", "TZ"}


def test_only_the_child_imports_apprise():
    """It costs 40 MB, and what it patches must stay in a process of its own."""
    found = {
        module.name
        for module in product()
        for node in module.nodes()
        if {name.split(".")[0] for name in imported(node)} & {"apprise", "requests"}
    }

    assert found == {"chatops/channels/apprise/child.py"}
