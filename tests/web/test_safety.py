"""What holds for all pages alike."""

import re

import pytest
from django.test import Client

from requests_app.models import AccessRequest
from requests_app.states import RequestState
from tests import deeds
from tests.web.reading import Browser

INLINE = re.compile(
    r"<script(?![^>]*\ssrc=)|<style|\sstyle=|\son[a-z]+=|javascript:", re.IGNORECASE
)


@pytest.fixture
def strict(bob) -> Browser:
    """Bob's browser, which is asked for the token of each form."""
    browser = Browser(Client(enforce_csrf_checks=True))
    browser.client.force_login(bob)
    return browser


def test_a_form_from_elsewhere_asks_for_nothing(strict):
    seen = strict.send("/requests/new", roles=["dba"], reason="not mine")

    assert seen.status == 403
    assert "Nothing was changed." in seen.text
    assert not AccessRequest.objects.exists()


@pytest.mark.parametrize("deed", ["cancel", "review", "resolve"])
def test_a_form_from_elsewhere_settles_nothing(strict, bob, deed):
    request = deeds.ask(bob, "dba")

    seen = strict.send(f"/requests/{request.pk}/{deed}", decision="COMMENT")

    request.refresh_from_db()
    assert seen.status == 403
    assert request.state == RequestState.PENDING


def test_a_form_of_ours_is_taken(strict):
    token = re.search(
        r'name="csrfmiddlewaretoken" value="(\w+)"', strict.read("/requests/new").source
    )

    seen = strict.send("/requests/new", roles=["dba"], csrfmiddlewaretoken=token.group(1))

    assert seen.path.startswith("/requests/")
    assert AccessRequest.objects.exists()


def test_no_page_carries_code_or_style_in_its_text(browser, bob, dana, nobody, clock):
    request = deeds.ask(bob, "dba", reason="r")
    bobs, danas = browser(bob), browser(dana)
    pages = [bobs.read(p) for p in ("/", "/requests/new", "/reviews", "/nothing")]
    pages += [
        danas.read("/channels/postings"),
        bobs.read("/notifications"),
        bobs.read(f"/requests/{request.pk}"),
        danas.read(f"/requests/{request.pk}"),
        bobs.read("/explain?role=dba"),
        danas.read("/workflows"),
    ]
    pages += [nobody.read(p) for p in ("/accounts/login/", "/accounts/password/reset/")]

    assert [page.path for page in pages if INLINE.search(page.source)] == []


def test_an_address_that_does_not_exist(browser, bob):
    seen = browser(bob).read("/nothing")

    assert seen.status == 404
    assert "There is nothing here" in seen.text


def test_what_nobody_foresaw_is_said_plainly(browser, bob, monkeypatch):
    def fail(*_, **__):
        raise RuntimeError("unforeseen")

    monkeypatch.setattr("requests_app.page_data.rows_of", fail)
    bobs = browser(bob)
    bobs.client.raise_request_exception = False

    seen = bobs.read("/")

    assert seen.status == 500
    assert "Something went wrong here" in seen.text
    assert "unforeseen" not in seen.source
