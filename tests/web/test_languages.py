"""Who reads which language: the person's own choice, else the browser's, else the operator's."""

from datetime import timedelta

import pytest
from django.core import mail
from django.core.management import call_command
from django.test import Client
from django.utils import translation

from accessplane.languages import words_address
from accessplane.lib.durations import in_words
from accessplane.lib.instants import spoken
from audit import services
from requests_app.templatetags.plane import distance
from tests import deeds
from tests.frame.processes import run
from tests.web.reading import Browser, Seen

SIGN_IN = "/accounts/login/"


def read(path: str, accepts: str = "", client: Client | None = None) -> Seen:
    headers = {"accept-language": accepts} if accepts else {}
    return Seen((client or Client()).get(path, headers=headers))


def choose(browser: Browser, language: str) -> Seen:
    return browser.send("/settings/language", language=language)


@pytest.mark.parametrize(
    ("accepts", "language"),
    [
        ("de", "de"),
        ("de-AT,en;q=0.5", "de"),
        ("fr,de;q=0.5,en;q=0.1", "de"),
        ("en-GB,de;q=0.9", "en"),
        ("fr", "en"),
        ("*", "en"),
        ("de;q=none,\x00", "en"),
        ("", "en"),
    ],
)
def test_a_stranger_is_spoken_to_as_the_browser_wants(db, accepts, language):
    page = read(SIGN_IN, accepts)

    assert f'<html lang="{language}"' in page.source
    assert ("Anmelden" in page.text) is (language == "de")
    assert page.response.headers["Content-Language"] == language
    assert "Accept-Language" in page.response.headers["Vary"]


@pytest.mark.parametrize(("accepts", "language"), [("", "de"), ("fr", "de"), ("en", "en")])
def test_the_operator_s_language_is_for_who_wants_none_that_is_there(
    db, settings, accepts, language
):
    settings.ACCESSPLANE_LANGUAGE = "de"

    assert f'<html lang="{language}"' in read(SIGN_IN, accepts).source


def test_the_own_choice_wins_and_stays(browser, bob, clock):
    page = choose(browser(bob), "de")

    assert "Feste Rollen" not in page.text
    assert "Was du immer hast" in page.text
    assert 'lang="de" aria-pressed="true"' in page.source
    # In another browser, which wants English.
    elsewhere = Client()
    elsewhere.force_login(bob)
    assert '<html lang="de"' in read("/", "en", elsewhere).source


def test_the_choice_is_taken_back(browser, bob, clock):
    bobs = browser(bob)
    choose(bobs, "de")

    page = choose(bobs, "")

    assert '<html lang="en"' in page.source


def test_a_language_that_is_not_there_is_refused(browser, bob, clock):
    page = choose(browser(bob), "tlh")

    assert "This language is not there." in page.text
    bob.refresh_from_db()
    assert bob.language == ""


def test_the_api_speaks_english_whoever_asks(browser, bob, clock):
    choose(browser(bob), "de")
    client = Client()
    client.force_login(bob)

    answer = client.get("/api/v1/roles/no-such-role/", headers={"accept-language": "de"})

    assert answer.json()["detail"] == "There is no such role."
    assert "Accept-Language" not in answer.headers.get("Vary", "")


def test_a_refusal_is_said_in_the_language_of_the_page(browser, bob, alice, clock):
    request = deeds.ask(bob, "staging-web")
    deeds.approve(request, alice)
    bobs = browser(bob)
    choose(bobs, "de")

    page = bobs.send(f"/requests/{request.pk}/cancel")

    assert "Dieser Antrag ist bereits genehmigt." in page.text


def test_the_log_is_told_in_the_language_of_its_reader(browser, bob, clock):
    deeds.ask(bob, "dba", reason="because of the nightly job, ticket #1")
    services.drain(at=clock.now())
    bobs = browser(bob)
    choose(bobs, "de")

    assert "hat dba beantragt" in bobs.read("/audit").text


def test_moments_and_lengths(noon):
    with translation.override("de"):
        assert in_words(timedelta(days=1, hours=2)) == "1 Tag 2 Stunden"
        assert distance(timedelta(days=2, hours=3)) == "in 2 Tagen 3 Stunden"
        assert distance(-timedelta(days=2)) == "vor 2 Tagen"
        assert distance(timedelta(minutes=1)) == "in 1 Minute"
        assert spoken(noon) == "Mo 2. März 2026, 12:00 UTC"


def test_scripts_have_words_that_browsers_keep(db):
    german, english = (Client().get(words_address(language)) for language in ("de", "en"))

    assert "gerade eben" in german.content.decode()
    assert "gerade eben" not in english.content.decode()
    assert "immutable" in german.headers["Cache-Control"]
    assert "Vary" not in german.headers
    assert words_address("de").partition("?")[2] != words_address("en").partition("?")[2]
    assert Client().get("/words/tlh.js").status_code == 404


def test_a_mail_about_the_account_is_in_the_language_of_its_recipient(browser, bob, clock):
    choose(browser(bob), "de")

    Client().post("/accounts/password/reset/", {"email": bob.email})

    assert "Passwort" in mail.outbox[0].subject


def test_messages_are_in_the_operator_s_language(settings, capsys, clock):
    settings.ACCESSPLANE_LANGUAGE = "de"

    with translation.override("en"):
        call_command("preview_messages", "access_request.created", audience="room")

    said = capsys.readouterr().out
    assert "Bob beantragt dba für 8 Stunden" in said
    assert "0 von 2 Genehmigungen" in said or "1 von 2 Genehmigungen" in said


def test_a_plane_in_a_language_that_is_not_there_does_not_start():
    done = run("-c", "import accessplane.settings.embedded", ACCESSPLANE_LANGUAGE="tlh")

    assert done.returncode != 0
    assert "ACCESSPLANE_LANGUAGE is one of en, de." in done.stderr
