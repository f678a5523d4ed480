"""The Standard Webhooks signature: made by us, checked by us, and by the scheme's own library."""

import base64
from datetime import UTC, datetime, timedelta

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from accessplane.lib import signing

AT = datetime(2026, 3, 2, 12, tzinfo=UTC)
BODY = '{"type": "grant.started", "reason": "é"}'.encode()
KEY = bytes(range(32))
SECRET = "whsec_" + base64.b64encode(KEY).decode()
OLD = "an older secret, in plain text"


def signed(**changes):
    given = {"id": "msg_1", "at": AT, "body": BODY, "secrets": [SECRET]}
    return signing.signed(**given | changes)


def verify(headers, **changes):
    given = {"body": BODY, "secrets": [SECRET], "at": AT}
    return signing.verify(headers=headers, **given | changes)


def test_the_example_of_the_scheme_has_its_signature():
    """From the specification's own text."""
    headers = signing.signed(
        id="msg_p5jXN8AQM9LWM0D4loKWxJek",
        at=datetime.fromtimestamp(1614265330, UTC),
        body=b'{"test": 2432232314}',
        secrets=["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"],
    )

    assert headers == {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }


def test_a_library_of_the_scheme_accepts_it():
    now = datetime.now(UTC)  # noqa: TID251  # that library reads the clock

    headers = signed(at=now)

    Webhook(SECRET).verify(BODY, headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(SECRET).verify(BODY + b" ", headers)


def test_what_was_signed_is_verified():
    assert verify(signed()) == "msg_1"


@pytest.mark.parametrize("known", [SECRET, OLD])
def test_while_a_secret_is_replaced_either_is_enough(known):
    headers = signed(secrets=[SECRET, OLD])

    assert len(headers["webhook-signature"].split(" ")) == 2
    assert verify(headers, secrets=[known]) == "msg_1"


def test_a_zone_changes_nothing():
    elsewhere = AT.astimezone(datetime.strptime("+0530", "%z").tzinfo)

    assert signed(at=elsewhere) == signed()


@pytest.mark.parametrize("off", [timedelta(minutes=5), timedelta(minutes=-5)])
def test_five_minutes_off_is_near_enough(off):
    assert verify(signed(), at=AT + off) == "msg_1"


@pytest.mark.parametrize(
    "off", [timedelta(minutes=5, seconds=1), timedelta(minutes=-5, seconds=-1)]
)
def test_more_is_not(off):
    with pytest.raises(signing.BadSignature):
        verify(signed(), at=AT + off)


@pytest.mark.parametrize(
    "changed",
    [
        {"webhook-id": "msg_2"},
        {"webhook-id": ""},
        {"webhook-timestamp": str(int(AT.timestamp()) + 1)},
        {"webhook-timestamp": ""},
        {"webhook-timestamp": "-1"},
        {"webhook-timestamp": "²"},
        {"webhook-timestamp": "9" * 40},
        {"webhook-signature": ""},
        {"webhook-signature": "v1,"},
        {"webhook-signature": "v1,AAAA v2,é"},
    ],
)
def test_changed_headers_verify_nothing(changed):
    with pytest.raises(signing.BadSignature):
        verify(signed() | changed)


def test_another_body_or_secret_verifies_nothing():
    for changes in (
        {"body": BODY + b" "},
        {"body": b"\xff"},
        {"secrets": [OLD]},
        {"secrets": []},
    ):
        with pytest.raises(signing.BadSignature):
            verify(signed(), **changes)


@pytest.mark.parametrize(
    "secret",
    [
        "",
        " ",
        "whsec_",
        "whsec_not base64!",
        "whsec_c2hvcnQ=",
        "whsec_" + base64.b64encode(bytes(65)).decode(),
        "whsec_é",
    ],
)
def test_what_is_no_secret_signs_nothing(secret):
    with pytest.raises(signing.InvalidSecret) as caught:
        signing.check_secret(secret)

    assert secret.removeprefix("whsec_").strip() == "" or secret not in str(caught.value)
    with pytest.raises(signing.InvalidSecret):
        signed(secrets=[SECRET, secret])


def test_without_a_secret_nothing_is_signed():
    with pytest.raises(signing.InvalidSecret):
        signed(secrets=[])
