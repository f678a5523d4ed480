"""Second factors: set up, asked for, taken away, and never without the log."""

import re
from io import StringIO

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import SECRET_SESSION_KEY, format_hotp_value, hotp_value
from django.core.management import CommandError, call_command

from audit.models import AuditEvent
from identity.adapters import FactorAdapter
from tests import cast
from tests.web.reading import Browser

PASSWORD = "a long way home"
APP, CODES = "/accounts/2fa/totp/activate/", "/accounts/2fa/recovery-codes/"


@pytest.fixture
def travel():
    with time_machine.travel(cast.NOON, tick=False) as traveller:
        yield traveller


@pytest.fixture
def bobs(bob, nobody, travel) -> Browser:
    """Bob's browser; he signed in with his password."""
    bob.set_password(PASSWORD)
    bob.save()
    assert nobody.sign_in(bob.email, PASSWORD).path == "/"
    return nobody


def code(secret: str) -> str:
    import time

    return format_hotp_value(hotp_value(secret, int(time.time()) // 30))


def prove(browser: Browser) -> None:
    browser.send("/accounts/reauthenticate/", password=PASSWORD)


def set_up(browser: Browser) -> str:
    """Set up an app; its secret."""
    prove(browser)
    secret = re.search(r'data-copy="(\w+)"', browser.read(APP).source)[1]
    seen = browser.send(APP, code=code(secret))
    assert seen.path == CODES
    return secret


def told(kind: str) -> list[dict]:
    rows = AuditEvent.objects.filter(type=kind).order_by("at", "id")
    return [row.data for row in rows]


def recovery_codes(browser: Browser) -> list[str]:
    return re.findall(r"<li><code>(\d{8})</code>", browser.read(CODES).source)


def test_an_app_is_set_up_with_recovery_codes_and_the_log_says_so(bobs):
    set_up(bobs)

    assert told("user.factor_added") == [
        {"factor": "app", "name": ""},
        {"factor": "recovery_codes", "name": ""},
    ]
    assert len(recovery_codes(bobs)) == 10


def test_a_wrong_code_sets_up_nothing(bobs):
    prove(bobs)
    bobs.read(APP)

    seen = bobs.send(APP, code="000000")

    assert "That was not right" in seen.text
    assert Authenticator.objects.count() == 0
    assert told("user.factor_added") == []


def test_what_is_stored_of_a_secret_is_sealed(bobs):
    secret = set_up(bobs)

    kept = {one.type: one.data for one in Authenticator.objects.all()}
    assert secret not in str(kept)
    assert FactorAdapter().decrypt(kept["totp"]["secret"]) == secret
    assert not any(each in str(kept) for each in recovery_codes(bobs))


def test_the_secret_lies_sealed_in_the_session_while_an_app_is_set_up(bobs):
    prove(bobs)
    source = bobs.read(APP).source
    secret = re.search(r'data-copy="(\w+)"', source)[1]

    kept = bobs.client.session[SECRET_SESSION_KEY]
    assert secret not in kept
    assert FactorAdapter().decrypt(kept) == secret
    wrong = bobs.send(APP, code="000000")
    assert secret in wrong.source
    assert bobs.client.session[SECRET_SESSION_KEY] == kept


def test_nobody_sets_up_an_app_without_a_fresh_password(bobs, travel):
    travel.shift(600)

    assert bobs.read(APP).path == "/accounts/reauthenticate/"


def test_whoever_has_a_factor_is_asked_for_it_at_the_sign_in(bobs, travel):
    secret = set_up(bobs)
    bobs.send("/accounts/logout/")
    travel.shift(60)

    asked = bobs.send(
        "/accounts/login/", login="bob@example.com", password=PASSWORD, next="/reviews"
    )
    assert asked.path == "/accounts/2fa/authenticate/"
    assert bobs.read("/").path == "/accounts/2fa/authenticate/"

    assert bobs.send("/accounts/2fa/authenticate/", code=code(secret)).path == "/reviews"
    assert told("login.succeeded")[-1] == {"proofs": ["password", "app"]}


def test_a_wrong_code_lets_nobody_in_and_stands_in_the_log(bobs, travel):
    set_up(bobs)
    bobs.send("/accounts/logout/")
    before = len(told("login.failed"))
    bobs.sign_in("bob@example.com", PASSWORD)

    seen = bobs.send("/accounts/2fa/authenticate/", code="000000")

    assert "That was not right" in seen.text
    assert bobs.read("/").path == "/accounts/2fa/authenticate/"
    assert len(told("login.failed")) == before + 1


def test_a_code_works_once(bobs, travel):
    secret = set_up(bobs)
    bobs.send("/accounts/logout/")
    travel.shift(60)
    for _ in range(2):
        bobs.sign_in("bob@example.com", PASSWORD)
        seen = bobs.send("/accounts/2fa/authenticate/", code=code(secret))
        bobs.send("/accounts/logout/")

    assert "That was not right" in seen.text


def test_a_recovery_code_works_once(bobs):
    set_up(bobs)
    one = recovery_codes(bobs)[0]
    bobs.send("/accounts/logout/")

    bobs.sign_in("bob@example.com", PASSWORD)
    assert bobs.send("/accounts/2fa/authenticate/", code=one).path == "/"
    assert told("login.succeeded")[-1] == {"proofs": ["password", "recovery_codes"]}
    bobs.send("/accounts/logout/")
    bobs.sign_in("bob@example.com", PASSWORD)
    assert "That was not right" in bobs.send("/accounts/2fa/authenticate/", code=one).text


def test_a_password_alone_does_not_take_a_factor_away(bobs, travel):
    """Whoever found an open browser and knows the password still lacks the factor."""
    secret = set_up(bobs)
    travel.shift(600)

    asked = bobs.read("/accounts/2fa/totp/deactivate/")
    assert asked.path == "/accounts/2fa/reauthenticate/"
    prove(bobs)
    assert bobs.send("/accounts/2fa/totp/deactivate/").path == "/accounts/2fa/reauthenticate/"
    assert Authenticator.objects.filter(type="totp").count() == 1

    bobs.send("/accounts/2fa/reauthenticate/", code=code(secret))
    bobs.send("/accounts/2fa/totp/deactivate/")
    assert Authenticator.objects.count() == 0
    assert told("user.factor_removed") == [
        {"factor": "app", "name": ""},
        {"factor": "recovery_codes", "name": ""},
    ]


def test_new_recovery_codes_end_those_of_before(bobs):
    set_up(bobs)
    before = recovery_codes(bobs)

    bobs.send(CODES + "generate/")

    assert not set(before) & set(recovery_codes(bobs))
    assert told("user.factor_removed") == [{"factor": "recovery_codes", "name": ""}]


@pytest.mark.parametrize("path", [APP, "/accounts/2fa/webauthn/add/", CODES + "generate/"])
def test_a_bot_has_none(browser, robot, path):
    assert browser(robot).read(path).status == 403
    assert browser(robot).send(path, code="1").status == 403


def test_others_do_not_see_whether_somebody_has_one(bobs, alice, as_):
    set_up(bobs)

    events = as_(alice).get("events/").json()["results"]

    assert not [one for one in events if one["type"].startswith("user.factor")]


def test_an_operator_takes_away_what_somebody_lost(bobs):
    set_up(bobs)

    call_command("drop_factors", "Bob@example.com", stdout=StringIO())

    assert Authenticator.objects.count() == 0
    assert {one["factor"] for one in told("user.factor_removed")} == {"app", "recovery_codes"}
    assert bobs.read("/").path == "/accounts/login/"
    with pytest.raises(CommandError, match="Nobody here"):
        call_command("drop_factors", "nobody@example.com")
