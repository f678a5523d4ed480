"""`ap` against the real server: separate processes, HTTP between them, the demo organisation."""

import json

import pytest
from django.utils import timezone

from identity.models import Role
from requests_app.models import AccessRequest, Grant
from tests import deeds
from tests.cast import called
from tests.clients import demo
from tests.clients.terminal import Terminal

pytestmark = pytest.mark.django_db(transaction=True)

# The commands of the product's first page, behind `alias tsh=ap`.
ASK = """tsh request create --roles=dba \\
  --reviewers=alice@example.com,ivan@example.com --reason="ticket #123" """
LIST = "tsh request list"
REVIEW = 'tsh request review --approve --reason="proceed with caution" '
ALSO_REVIEW = 'tsh request review --approve --reason="granted."'

NOBODYS = "9c721e54-b049-4ef8-a7f6-c777aa066764"


@pytest.fixture
def terminal_of(live_server, tmp_path):
    """`terminal_of("bob")`: where Bob types. Nothing of it outlives the test."""
    demo.enter()
    opened = []

    def _terminal(name):
        home = tmp_path / f"{name}-{len(opened)}"
        home.mkdir()
        opened.append(Terminal(home, url=live_server.url, token=demo.token_of(name)))
        return opened[-1]

    yield _terminal
    for terminal in opened:
        terminal.close()
    demo.wait_for_the_server()


@pytest.fixture
def bob(terminal_of):
    return terminal_of("bob")


@pytest.fixture
def alice(terminal_of):
    return terminal_of("alice")


@pytest.fixture
def ivan(terminal_of):
    return terminal_of("ivan")


@pytest.fixture
def dana(terminal_of):
    return terminal_of("dana")


def asked_by_bob(*roles):
    """A request of Bob's; its id."""
    made = deeds.ask(called("bob"), *roles, at=timezone.now(), reason="ticket #123")
    return str(made.pk)


def granted_to_bob():
    """Bob's grant of dba, for an hour; its id."""
    asked = {"reason": "ticket #123", "duration": deeds.timedelta(hours=1)}
    return str(deeds.granted_dba(called("bob"), at=timezone.now(), **asked).pk)


def state_of(request_id):
    return AccessRequest.objects.get(pk=request_id).state


# --- the first page -----------------------------------------------------------------------------


def test_the_commands_of_the_first_page(bob, alice, ivan):
    asking = bob.begin(ASK)
    waits_for = asking.said("err", "Waiting for a decision")
    request = AccessRequest.objects.get()
    shown = alice(LIST)
    first = alice(REVIEW + str(request.pk))
    second = ivan(ALSO_REVIEW)
    asked = asking.end()

    assert "two of alice@example.com and ivan@example.com must approve" in waits_for
    assert (shown.code, shown.err) == (0, "")
    assert shown.out == (
        "ID                                   User            Roles Created (UTC)       Status\n"
        "------------------------------------ --------------- ----- ------------------- -------\n"
        f"{request.pk} bob@example.com dba   {request.created_at:%d %b %y %H:%M} UTC PENDING\n"
    )
    assert first.code == second.code == 0
    assert first.out.startswith("You approved bob@example.com's request for dba. Waiting")
    assert "ivan@example.com must approve" in first.out
    assert second.out.startswith("You approved bob@example.com's request for dba. Approved by")
    assert asked.code == 0
    assert "alice@example.com approved: proceed with caution." in asked.err
    assert (
        "Approved by alice@example.com and ivan@example.com: granted. dba is held" in asked.out
    )
    assert list(request.reviews.order_by("number").values_list("reviewer__email", "via")) == [
        ("alice@example.com", "cli"),
        ("ivan@example.com", "cli"),
    ]


# --- how the waiting ends -----------------------------------------------------------------------


def test_whoever_is_denied_hears_why_and_the_code_is_2(bob, alice):
    asking = bob.begin(ASK)
    asking.said("err", "Waiting")

    denied = alice('ap request review --deny --reason="not without Ivan"')
    asked = asking.end()

    assert denied.code == 0
    assert denied.out.startswith("You denied bob@example.com's request for dba.")
    assert asked.code == 2
    assert "Denied by alice@example.com: not without Ivan." in asked.out


def test_what_nobody_decides_in_time_is_4(bob):
    expiring = bob.begin(f"{ASK} --request-ttl=1s")
    expiring.said("err", "Waiting")

    impatient = bob("ap request create --roles=staging-db --timeout=1s --format=json")

    assert impatient.code == 4
    waiting = json.loads(impatient.out)
    assert waiting["state"] == "PENDING"
    assert f"ap request show {waiting['id']}" in impatient.err
    expired = expiring.end()
    assert expired.code == 4
    assert "Not decided in time" in expired.out


def test_a_request_is_taken_back_and_whoever_waits_for_it_ends_with_2(bob, alice):
    asking = bob.begin(ASK)
    asking.said("err", "Waiting")
    request_id = str(AccessRequest.objects.get().pk)

    refused = alice(f"ap request cancel {request_id}")
    taken_back = bob(f"ap request cancel {request_id} --reason='found another way'")
    asked = asking.end()

    assert refused.code == 1
    assert "Only the requester" in refused.err
    assert (taken_back.code, taken_back.out) == (0, "Cancelled: found another way.\n")
    assert asked.code == 2
    assert "Cancelled: found another way." in asked.out


# --- asking without waiting ---------------------------------------------------------------------


def test_a_dry_run_shows_what_would_be_and_asks_nothing(bob):
    shown = bob(f"{ASK} --max-duration=12h --dry-run")

    assert shown.code == 0
    assert "8 hours (asked for: 12 hours)" in shown.out
    assert "two people (0 of 2 to approve)" in shown.out
    assert "Nothing was asked: this was a dry run." in shown.err
    assert not AccessRequest.objects.exists()


def test_whoever_does_not_wait_is_done_at_once_and_asks_the_same_only_once(bob):
    asked = bob(f"{ASK} --nowait")
    again = bob(f"{ASK} --nowait")

    assert asked.code == 0
    assert str(AccessRequest.objects.get().pk) in asked.out
    assert again.code == 1
    assert "You asked for exactly this already" in again.err


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("ap request create --roles=prod-admin --reason=x", "ap request search"),
        (
            "ap request create --roles=dba --reason=x --reviewers=eve@example.com",
            "eve@example.com",
        ),
    ],
)
def test_what_cannot_be_asked_for_is_1_with_a_sentence(bob, line, why):
    refused = bob(line)

    assert (refused.code, refused.out) == (1, "")
    assert refused.err.startswith("Error: ")
    assert why in refused.err
    assert not AccessRequest.objects.exists()


# --- reviewing ----------------------------------------------------------------------------------


def test_without_an_id_there_must_be_one_request_exactly(bob, alice):
    none = alice(REVIEW)
    first, second = asked_by_bob("dba"), asked_by_bob("staging-db")
    several = alice(REVIEW)
    own = bob(f"{REVIEW} {first}")

    assert (none.code, none.err) == (1, "Error: No request waits for your decision.\n")
    assert several.code == 1
    assert first in several.err
    assert second in several.err
    assert own.code == 1
    assert "You may not decide on your own request." in own.err
    assert state_of(first) == state_of(second) == "PENDING"


def test_an_id_is_taken_whole_or_not_at_all(alice):
    request_id = asked_by_bob("staging-db")

    typing = alice.begin(REVIEW + request_id[:8])
    unknown = alice(REVIEW + NOBODYS)

    shortened = typing.end()
    assert "ids are 36 characters" in shortened.err
    assert "There is no such access request." in unknown.err
    for refused in (shortened, unknown):
        assert (refused.code, refused.out) == (1, "")
        assert "ap request list" in refused.err
    assert state_of(request_id) == "PENDING"


# --- what is held -------------------------------------------------------------------------------


def test_a_grant_is_seen_extended_and_given_back(bob):
    grant_id = granted_to_bob()

    looking = bob.begin("ap whoami")
    listed = bob("ap grant list --in-force")
    who = looking.end()
    extended = bob(
        f"ap grant extend {grant_id} --reason='ticket #123' --max-duration=2h --nowait"
    )
    given_back = bob(f"ap grant end {grant_id}")

    assert who.code == 0
    assert "bob@example.com" in who.out
    assert "developer, engineering" in who.out
    ends_at = Grant.objects.get().ends_at
    assert f"dba until {ends_at:%d %b %y %H:%M} UTC" in who.out
    assert listed.out.splitlines()[2].startswith(f"{grant_id} bob@example.com dba")
    assert listed.out.rstrip().endswith("ACTIVE")
    assert extended.code == 0
    extension = AccessRequest.objects.get(extends=grant_id)
    assert str(extension.pk) in extended.out
    assert (given_back.code, given_back.out) == (0, "dba of bob@example.com: ENDED.\n")
    assert extension.state_at(timezone.now()) == "CANCELLED"


def test_a_grant_is_taken_away_with_a_reason_by_whoever_may(bob, dana):
    grant_id = granted_to_bob()

    not_allowed = bob(f"ap grant revoke {grant_id} --reason=whim")
    revoked = dana(f"ap grant revoke {grant_id} --reason='the laptop was stolen'")

    assert not_allowed.code == 1
    assert (revoked.code, revoked.out) == (0, "dba of bob@example.com: REVOKED.\n")
    assert Grant.objects.get().closed_reason == "the laptop was stolen"


# --- the log, the configuration, the login ------------------------------------------------------


def test_events_are_followed_as_they_happen(terminal_of):
    first = asked_by_bob("dba")
    wanted = "ap events --follow --type=access_request.created --format=json"
    following = terminal_of("erin").begin(wanted)

    before = json.loads(following.said("out", first))
    second = asked_by_bob("staging-db")
    fresh = json.loads(following.said("out", second))
    following.kill()
    asked_by_bob("staging-web")  # ends the answer that is still held open

    assert before["about"]["id"] == first
    assert fresh["type"] == "access_request.created"
    assert fresh["actor"]["name"] == "bob@example.com"
    assert before["sequence"] < fresh["sequence"]


def test_files_are_applied_together_or_not_at_all(dana, tmp_path):
    role = "kind: role\nversion: v1\nmetadata: {{name: {}}}\nspec: {{{}}}\n---\n"
    good, bad = tmp_path / "a-good.yaml", tmp_path / "b-bad.yaml"
    good.write_text(role.format("night-shift", ""))
    bad.write_text(role.format("day-shift", "") + role.format("no-shift", "alow: {}"))

    refused = dana(f"ap apply -f {good} -f {bad}")
    kept_from = Role.objects.filter(name__endswith="-shift").count()
    applied = dana(f"ap apply -f {good}")

    assert (refused.code, refused.out, kept_from) == (1, "", 0)
    assert "document 3" in refused.err
    assert "alow" in refused.err
    assert f"2 to 3: {bad}" in refused.err
    assert applied.code == 0
    assert applied.out.splitlines()[2].split() == ["role", "night-shift", "created"]


def test_only_whoever_may_applies(bob, tmp_path):
    file = tmp_path / "mine.yaml"
    file.write_text("kind: role\nversion: v1\nmetadata: {name: king}\nspec: {}\n")

    refused = bob(f"ap apply -f {file}")

    assert refused.code == 1
    assert not Role.objects.filter(name="king").exists()


def test_a_login_is_kept_for_its_owner_alone(terminal_of, live_server, tmp_path):
    secret = demo.token_of("carol")
    stranger = Terminal(tmp_path)

    wrong = stranger(f"ap login --url {live_server.url}", stdin="ap_wrong\n")
    signed_in = stranger(f"ap login --url {live_server.url}", stdin=f"{secret}\n")
    carol = stranger("ap whoami --format=json")

    assert wrong.code == 1
    assert "This token is unknown" in wrong.err
    assert signed_in.code == 0
    assert "as carol@example.com" in signed_in.err
    assert secret not in signed_in.all
    assert json.loads(carol.out)["email"] == "carol@example.com"
    kept = tmp_path / "accessplane" / "login.json"
    assert kept.stat().st_mode & 0o777 == 0o600
