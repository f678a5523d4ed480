"""The story of the product, through its pages."""

import pytest
from django.conf import settings
from django.test import Client

from accessplane.lib.actors import console
from accessplane.management.files import documents_of
from identity.services import configuration
from requests_app.models import AccessRequest
from tests.web.reading import Browser


@pytest.fixture
def demo_organisation(clock, db):
    configuration.apply_documents(
        documents_of(settings.BASE_DIR / "examples" / "demo"),
        by=console("tests"),
        may=configuration.everything,
        at=clock.now(),
    )


def signed_in(name: str) -> Browser:
    browser = Browser(Client())
    seen = browser.sign_in(f"{name}@example.com", f"{name}-demo-password")
    assert seen.path == "/"
    return browser


def test_bob_asks_alice_and_ivan_approve_and_bob_gives_access_back(demo_organisation):
    bob, alice, ivan = signed_in("bob"), signed_in("alice"), signed_in("ivan")

    asked = bob.send("/requests/new", roles=["dba"], reason="ticket #123", duration="2h")
    assert "Pending" in asked.text
    assert "0 of 2 approvals" in asked.text
    assert "1 request waits for your review" in alice.read("/").text

    once = alice.send(f"{asked.path}/review", decision="APPROVE", reason="proceed with caution")
    assert "1 of 2 approvals" in once.text
    assert "proceed with caution" in bob.read(asked.path).text

    ivan.send(f"{asked.path}/review", decision="APPROVE")
    home = bob.read("/")
    assert "Active" in home.text
    assert "2:00:00 left" in home.text
    assert home.has_button("Give back")

    grant = AccessRequest.objects.get().grants.get()
    back = bob.send(f"{asked.path}/grants/{grant.pk}/end", back="home")
    assert back.path == "/"
    assert "You gave dba back." in back.text
    assert "You hold no access that ends." in back.text
    assert "Bob gave dba back" in bob.read(asked.path).text
