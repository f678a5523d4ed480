"""What allauth offers, and what of it this product does not."""

import pytest
from django.test import Client

from audit.models import AuditEvent
from identity.models import User

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("address", ["email/", "confirm-email/x/", "login/code/confirm/"])
def test_nobody_gives_oneself_another_address(bob, address):
    client = Client()
    client.force_login(bob)

    for call in (client.get, client.post):
        answer = call(f"/accounts/{address}", {"email": "admin@example.com", "action_add": ""})
        assert answer.status_code == 404
    assert User.objects.get(pk=bob.pk).email == "bob@example.com"


def test_a_new_password_stands_in_the_log(bob):
    bob.set_password("the old words of bob")
    bob.save()
    client = Client()
    client.force_login(bob, backend="allauth.account.auth_backends.AuthenticationBackend")

    answer = client.post(
        "/accounts/password/change/",
        {
            "oldpassword": "the old words of bob",
            "password1": "quite other words 7",
            "password2": "quite other words 7",
        },
    )

    assert answer.status_code == 302
    event = AuditEvent.objects.filter(type="user.updated", about_name=bob.email).latest("id")
    assert event.data["changed"] == ["password"]
    assert "words" not in str(event.data)
