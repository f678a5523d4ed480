import subprocess
import sys

import httpx
import pytest
from accessplane_client import Plane, PlaneError
from accessplane_client.agents.bots import NotABot, open_agent
from accessplane_client.agents.over_http import NoToken, reached_as, token_of
from accessplane_client.agents.refusals import in_words
from starlette.datastructures import Headers

from tests.clients.terminal import Terminal

HELLO = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
NOWHERE = "http://127.0.0.1:9"


# --- without the extra --------------------------------------------------------------------------


@pytest.mark.parametrize("line", [["mcp"], ["mcp", "--http"]])
def test_without_the_extra_it_says_what_to_install(ap, monkeypatch, line):
    for name in [each for each in sys.modules if each.startswith("accessplane_client.agents")]:
        monkeypatch.delitem(sys.modules, name)
    for name in [each for each in sys.modules if each.split(".")[0] == "mcp"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "mcp", None)

    code, out, err = ap(*line)

    assert (code, out) == (1, "")
    assert "pip install 'accessplane-client[mcp]'" in err


def test_the_other_commands_do_without_it():
    """Nothing of it is imported by them: `ap` starts as fast as without."""
    program = (
        "import sys; import accessplane_client.cli.app;"
        "print([n for n in sys.modules if n.split('.')[0] in {'mcp', 'pydantic', 'starlette'}])"
    )

    assert _python(program) == "[]\n"


def _python(program):
    return subprocess.run(  # noqa: S603
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    ).stdout


# --- who comes in -------------------------------------------------------------------------------


@pytest.fixture
def answering(canned, monkeypatch):
    """Every plane that is opened is the canned one."""
    opened = Plane.__init__

    def init(plane, url, token, **options):
        opened(plane, url, token, transport=httpx.MockTransport(canned), **options)

    monkeypatch.setattr(Plane, "__init__", init)
    return canned


def test_a_bot_comes_in_and_its_calls_name_their_door(answering):
    answering.answers({"email": "scout@example.com", "bot": True, "owner": "carol@example.com"})

    with open_agent("https://plane.example.com", "ap_scout").plane:
        assert answering.calls[0].headers["Accessplane-Via"] == "mcp"


@pytest.mark.parametrize("said", [{}, {"bot": False}, {"bot": None}])
def test_who_is_not_said_to_be_a_bot_does_not(answering, said):
    answering.answers({"email": "bob@example.com"} | said)

    with pytest.raises(NotABot, match=r"bob@example\.com, who is no bot"):
        open_agent("https://plane.example.com", "ap_bob")


@pytest.mark.parametrize(
    "brought",
    [
        [],
        ["ap_scout"],
        ["Bearer"],
        ["Bearer "],
        ["Basic ap_scout"],
        ["Bearer ap_scout", "Bearer ap_bob"],
    ],
)
def test_a_call_brings_one_token_or_is_refused(brought):
    raw = [(b"authorization", each.encode()) for each in brought]

    with pytest.raises(NoToken):
        token_of(Headers(raw=raw))


@pytest.mark.parametrize("scheme", ["Bearer", "bearer"])
def test_the_token_is_what_follows_the_scheme(scheme):
    assert token_of(Headers({"Authorization": f"{scheme} ap_scout"})) == "ap_scout"


# --- where from ---------------------------------------------------------------------------------


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1"])
def test_on_this_machine_its_own_names_lead_to_it(host):
    ours = reached_as(host, 8765, [])

    assert ours.enable_dns_rebinding_protection
    assert set(ours.allowed_hosts) == {"127.0.0.1:8765", "localhost:8765", "[::1]:8765"}
    assert "http://localhost:8765" in ours.allowed_origins


@pytest.mark.parametrize(
    ("host", "names", "hosts"),
    [
        ("10.0.0.5", [], ["10.0.0.5:8765"]),
        ("fd00::5", [], ["[fd00::5]:8765"]),
        ("0.0.0.0", ["mcp.example.com"], ["mcp.example.com"]),  # noqa: S104
        ("::", ["mcp.example.com:8443"], ["mcp.example.com:8443"]),
    ],
)
def test_elsewhere_it_is_reached_by_its_address_or_by_the_names_it_is_told(host, names, hosts):
    ours = reached_as(host, 8765, names)

    assert ours.allowed_hosts == hosts
    assert f"https://{hosts[0]}" in ours.allowed_origins


@pytest.mark.parametrize("host", ["0.0.0.0", "::"])  # noqa: S104
def test_everywhere_is_no_name(host):
    with pytest.raises(PlaneError, match="--allowed-host"):
        reached_as(host, 8765, [])


# --- how refusals are said ----------------------------------------------------------------------


def test_a_refusal_is_its_code_a_sentence_the_fields_and_what_to_do():
    error = PlaneError(
        "You may not ask for that.",
        code="role_not_requestable",
        status=400,
        errors={"roles": ["prod-admin is not for you."]},
    )

    assert in_words(error).splitlines() == [
        "role_not_requestable: You may not ask for that.",
        "roles: prod-admin is not for you.",
        "list_requestable_roles shows what you may ask for.",
    ]


# --- without a plane ----------------------------------------------------------------------------


def test_where_no_plane_answers_nobody_comes_in(tmp_path):
    terminal = Terminal(tmp_path, url=NOWHERE, token="ap_scout")
    starting = terminal.begin("ap mcp")
    serving = terminal.begin("ap mcp --http --port 0")
    try:
        address = serving.said("err", "Agents reach").split(" at ")[1].split()[0]
        headers = {"Authorization": "Bearer ap_scout", "Accept": "application/json"}
        answer = httpx.post(address, json=HELLO, headers=headers, timeout=30)
        ended = starting.end()
    finally:
        terminal.close()

    assert (ended.code, ended.out) == (1, "")
    assert "Nothing answers at" in ended.err
    assert answer.status_code == 503
    assert answer.json()["error"] == "unreachable"
    assert "Traceback" not in answer.text + ended.err
