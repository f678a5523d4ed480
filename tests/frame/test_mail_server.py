"""Where mail goes in each way of running."""

import json

import pytest

from tests.frame.processes import FLEET, run

SHOW = """
import json
from django.conf import settings
names = ("BACKEND", "HOST", "PORT", "HOST_USER", "HOST_PASSWORD", "USE_TLS", "TIMEOUT")
print(json.dumps({name: getattr(settings, "EMAIL_" + name) for name in names}))
"""
EMBEDDED = {"DJANGO_SETTINGS_MODULE": "accessplane.settings.embedded"}
URL = "smtp+tls://plane:a%40b@mail.example.com:587"


def shown(**environment: str) -> dict:
    return json.loads(run("-c", SHOW, **environment).stdout)


@pytest.mark.parametrize("way", [EMBEDDED, FLEET], ids=["embedded", "fleet"])
def test_mail_goes_through_the_server_that_is_named(way, tmp_path):
    found = shown(**way, EMAIL_URL=URL, DATA=str(tmp_path))

    assert found == {
        "BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "HOST": "mail.example.com",
        "PORT": 587,
        "HOST_USER": "plane",
        "HOST_PASSWORD": "a@b",
        "USE_TLS": True,
        "TIMEOUT": 10,
    }


def test_without_a_server_the_embedded_plane_writes_mail_to_its_terminal(tmp_path):
    found = shown(**EMBEDDED, DATA=str(tmp_path))

    assert found["BACKEND"] == "django.core.mail.backends.console.EmailBackend"
