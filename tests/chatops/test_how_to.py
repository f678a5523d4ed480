"""The code that the how-to gives to receivers says what ours says."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from accessplane.lib import signing
from tests.chatops.conftest import SECRET

PAGE = Path(__file__).parents[2] / "docs/how-to/receive-events-by-webhook.md"
BODY = '{"type": "grant.started", "é": 1}'.encode()


@pytest.fixture(scope="module")
def is_from_the_plane():
    code = re.search(r"^```python\n(.*?)^```", PAGE.read_text(), re.DOTALL | re.MULTILINE)[1]
    names = {}
    exec(code, names)  # noqa: S102 - what the page shows
    return names["is_from_the_plane"]


@pytest.mark.parametrize("secret", [SECRET, "a plain secret"])
def test_it_takes_what_we_sign(is_from_the_plane, secret):
    now = timezone.now()

    headers = signing.signed(id="a_b", at=now, body=BODY, secrets=["another", secret])

    assert is_from_the_plane(headers, BODY, secret)


@pytest.mark.parametrize("old", [timedelta(minutes=6), timedelta(minutes=-6)])
def test_it_takes_nothing_old(is_from_the_plane, old):
    headers = signing.signed(id="a_b", at=timezone.now() - old, body=BODY, secrets=[SECRET])

    assert not is_from_the_plane(headers, BODY, SECRET)


@pytest.mark.parametrize(
    "changed",
    [
        {"webhook-id": "a_c"},
        {"webhook-timestamp": ""},
        {"webhook-signature": "v1,"},
        {"webhook-signature": ""},
    ],
)
def test_it_takes_nothing_changed(is_from_the_plane, changed):
    headers = signing.signed(id="a_b", at=timezone.now(), body=BODY, secrets=[SECRET])

    assert not is_from_the_plane(headers | changed, BODY, SECRET)
    assert not is_from_the_plane(headers, BODY + b" ", SECRET)
    assert not is_from_the_plane(headers, BODY, "another")
