"""Whoever is not the Bot Connector is refused at the door, and nothing is heard twice."""

import hmac
import json
from datetime import timedelta

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from jwt.utils import base64url_encode

from requests_app.models import AccessRequest
from requests_app.states import RequestState
from reviews.models import Review
from tests import cast, deeds
from tests.chatops.fakes.teams import APP, ISSUER, KID, TENANT, signing_key
from tests.chatops.teams_door import deliver, flow_channel, teams_channel
from tests.witness import nothing_happens

pytestmark = pytest.mark.django_db


@pytest.fixture
def click(staffed, bob, tell):
    """Alice presses Approve: the activity."""
    deeds.ask(bob, "dba")
    tell()
    return staffed.press("alice", staffed.in_room()[0], "Approve", reason="fine")


def claims(teams, clock, **changed):
    now = clock.now().timestamp()
    return {
        "serviceurl": f"{teams.url}/emea/{TENANT}/",
        "exp": int(now) + 3600,
        "iss": ISSUER,
        "aud": APP,
    } | changed


def is_refused(teams, document, clock, header=None):
    """Whether the door stays shut and nothing comes of it."""
    with nothing_happens():
        return deliver(teams, document, clock, header).status_code == 401


# --- the token ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "header",
    ["", "Bearer ", "Bearer x", "Bearer x.y.z", "{token}", "bearer {token}", "Basic {token}"],
)
def test_a_header_that_holds_no_token(staffed, click, clock, header):
    token = staffed.signed(clock.now()).removeprefix("Bearer ")

    assert is_refused(staffed, click, clock, header.format(token=token))


@pytest.mark.parametrize(
    "changed",
    [
        {"aud": "5e1b2c3d-0000-4000-8000-00000000a991"},
        {"aud": None},
        {"iss": "https://api.botframework.example"},
        {"iss": None},
        {"exp": None},
        {"exp": "soon"},
        {"serviceurl": None},
        {"serviceurl": "https://evil.example/"},
    ],
)
def test_a_token_for_something_else(staffed, click, clock, changed):
    assert is_refused(staffed, click, clock, staffed.signed(clock.now(), **changed))


def test_a_token_is_good_until_five_minutes_after_its_end(staffed, click, clock):
    header = staffed.signed(clock.now())
    clock.move(minutes=65)
    assert is_refused(staffed, click, clock, header)
    clock.move(seconds=-1)

    assert deliver(staffed, click, clock, header).status_code == 200
    assert Review.objects.count() == 1


def test_a_token_from_the_future(staffed, click, clock):
    early = int((clock.now() + timedelta(minutes=6)).timestamp())

    assert is_refused(staffed, click, clock, staffed.signed(clock.now(), nbf=early))


def test_a_token_of_somebody_else_s_key(staffed, click, clock):
    other = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    said = claims(staffed, clock)
    forged = jwt.encode(said, other, algorithm="RS256", headers={"kid": KID})

    assert is_refused(staffed, click, clock, f"Bearer {forged}")


@pytest.mark.parametrize(("algorithm", "key"), [("none", None), ("RS512", signing_key)])
def test_a_token_with_another_algorithm(staffed, click, clock, algorithm, key):
    said = claims(staffed, clock)
    forged = jwt.encode(said, key and key(), algorithm=algorithm, headers={"kid": KID})

    assert is_refused(staffed, click, clock, f"Bearer {forged}")


def test_a_token_that_is_signed_with_the_public_key_as_a_secret(staffed, click, clock):
    public = signing_key().public_key()
    secret = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    head = {"alg": "HS256", "typ": "JWT", "kid": KID}
    parts = [
        base64url_encode(json.dumps(one).encode()) for one in (head, claims(staffed, clock))
    ]
    signature = hmac.digest(secret, b".".join(parts), "sha256")
    forged = b".".join([*parts, base64url_encode(signature)]).decode()

    assert is_refused(staffed, click, clock, f"Bearer {forged}")


@pytest.mark.parametrize("endorsements", [None, [], ["webchat"]])
def test_a_key_that_is_not_endorsed_for_teams(staffed, click, clock, endorsements):
    staffed.keys = [{**staffed.keys[0], "endorsements": endorsements}]

    assert is_refused(staffed, click, clock)


def test_a_token_of_an_unknown_key(staffed, click, clock):
    staffed.keys = [{**staffed.keys[0], "kid": "another"}]

    assert is_refused(staffed, click, clock)


# --- the activity -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "changed",
    [
        {"serviceUrl": "https://evil.example/"},
        {"serviceUrl": ""},
        {"channelId": "emulator"},
        {"channelData": {"tenant": {"id": "5e1b2c3d-0000-4000-8000-00000000dead"}}},
        {"channelData": {}},
    ],
)
def test_an_activity_from_elsewhere_is_refused_before_anybody_is_called(
    staffed, click, clock, changed
):
    activity = click | changed
    before = list(staffed.calls)

    header = staffed.signed(clock.now(), serviceurl=activity["serviceUrl"])

    assert is_refused(staffed, activity, clock, header)
    assert staffed.calls == before


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"null", b"\xff", b'{"channelId": 1}', b"[" * 100_000]
)
def test_what_is_no_activity_is_refused(staffed, click, clock, body):
    assert is_refused(staffed, body, clock)


@pytest.mark.parametrize(
    "value",
    [
        None,
        {},
        {"action": {"data": "x"}},
        {"action": {"data": {"deed": "APPROVE"}}},
        {"action": {"data": {"deed": "FORCE", "object_id": "{id}"}}},
        {"action": {"data": {"deed": "APPROVE", "object_id": "1"}}},
        {"action": {"data": {"deed": "APPROVE", "object_id": "{id}", "approve_reason": {}}}},
        {
            "action": {
                "data": {"deed": "APPROVE", "object_id": "{id}", "approve_start_date": "x"}
            }
        },
        {
            "action": {
                "data": {
                    "deed": "APPROVE",
                    "object_id": "{id}",
                    "approve_start_date": "0001-01-01",
                }
            }
        },
    ],
)
def test_a_click_that_cannot_be_read_changes_nothing(staffed, click, clock, value):
    number = click["value"]["action"]["data"]["object_id"]
    said = json.loads(json.dumps(value).replace("{id}", number))

    with nothing_happens():
        assert deliver(staffed, click | {"value": said}, clock).status_code == 400


@pytest.mark.parametrize(
    "changed",
    [
        {"type": "message", "name": None, "text": "approve"},
        {"type": "conversationUpdate"},
        {"name": "task/fetch"},
    ],
)
def test_what_is_no_click_is_passed_over(staffed, click, clock, changed):
    with nothing_happens():
        assert deliver(staffed, click | changed, clock).status_code == 202


def test_a_replayed_activity_changes_nothing(staffed, click, clock):
    assert deliver(staffed, click, clock).status_code == 200
    later = click["value"]["action"]["data"] | {"deed": "DENY"}
    changed = click | {"value": {"action": {"data": later}}}

    with nothing_happens():
        assert deliver(staffed, click, clock).status_code == 202
        assert deliver(staffed, changed, clock).status_code == 202

    assert AccessRequest.objects.get().state == RequestState.PENDING


def test_who_talks_too_much_is_not_heard(staffed, click, clock):
    with nothing_happens():
        assert deliver(staffed, b"x" * 1024 * 1025, clock).status_code == 413


def test_a_webhook_s_channel_hears_nothing(teams, everybody, clock):
    cast.apply(flow_channel(teams))

    assert is_refused(teams, {"type": "invoke"}, clock)


def test_an_archived_channel_hears_nothing(staffed, click, clock):
    archived = teams_channel(staffed)
    archived["spec"]["active"] = False
    cast.apply(archived)

    assert is_refused(staffed, click, clock)


# --- the keys -----------------------------------------------------------------------------------


def times_asked(teams):
    return teams.calls.count("GET /openid"), teams.calls.count("GET /keys")


def unheeded(click):
    """A message, so that nobody is asked who somebody is."""
    return click | {"type": "message"}


def test_the_keys_are_asked_for_once_a_day(staffed, click, clock):
    for hours in (0, 1, 22, 1):
        clock.move(hours=hours)
        deliver(staffed, unheeded(click), clock)

    assert times_asked(staffed) == (2, 2)


def test_an_unknown_key_is_asked_for_once_an_hour(staffed, click, clock):
    deliver(staffed, unheeded(click), clock)
    known, staffed.keys = staffed.keys, [{**staffed.keys[0], "kid": "new"}]
    new = jwt.encode(
        claims(staffed, clock, exp=int(clock.now().timestamp()) + 36_000),
        signing_key(),
        algorithm="RS256",
        headers={"kid": "new"},
    )
    for _ in range(3):
        assert is_refused(staffed, unheeded(click), clock, f"Bearer {new}")
    assert times_asked(staffed) == (1, 1)
    clock.move(hours=1)

    assert deliver(staffed, unheeded(click), clock, f"Bearer {new}").status_code == 202
    assert times_asked(staffed) == (2, 2)
    assert is_refused(staffed, unheeded(click), clock)
    assert known


def test_without_the_keys_nothing_is_believed_and_nobody_is_asked_for_each_call(
    staffed, click, clock
):
    staffed.will_answer(500)
    assert is_refused(staffed, click, clock)
    assert is_refused(staffed, click, clock)
    assert times_asked(staffed) == (1, 0)
    clock.move(minutes=1)

    assert deliver(staffed, click, clock).status_code == 200


def test_known_keys_are_good_for_five_days_if_no_newer_ones_are_to_be_had(
    staffed, click, clock
):
    deliver(staffed, unheeded(click), clock)
    clock.move(days=4)
    staffed.will_answer(500)
    assert deliver(staffed, unheeded(click), clock).status_code == 202
    clock.move(days=1)
    staffed.will_answer(500)

    assert is_refused(staffed, unheeded(click), clock)
