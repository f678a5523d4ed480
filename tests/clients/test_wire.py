import httpx
import pytest
from accessplane_client import Plane, PlaneError, PlaneUnreachable, UnexpectedAnswer

BOB = {"email": "bob@example.com"}


def test_a_call_carries_the_token_and_no_door_by_itself(client, canned):
    canned.answers(BOB)

    client.me()

    (call,) = canned.calls
    assert str(call.url) == "https://plane.example.com/api/v1/users/me/"
    assert call.headers["Authorization"] == "Bearer ap_bob"
    assert "Accessplane-Via" not in call.headers


def test_the_command_line_says_that_it_is_one(canned):
    canned.answers(BOB)

    Plane("http://h", "ap_bob", transport=httpx.MockTransport(canned), via="cli").me()

    assert canned.calls[0].headers["Accessplane-Via"] == "cli"


def test_a_post_whose_connection_breaks_is_sent_again_under_the_same_key(
    client, canned, pauses, pending
):
    canned.fails(httpx.RemoteProtocolError("Out of order"))
    canned.fails(httpx.ConnectError("Out of order"))
    canned.answers(pending, 201)

    client.create_request(["dba"])

    keys = {call.headers["Idempotency-Key"] for call in canned.calls}
    assert len(canned.calls) == 3
    assert len(keys) == 1
    assert pauses[0] < pauses[1]


def test_another_post_has_another_key(client, canned, pending):
    for _ in range(2):
        canned.answers(pending, 201)
        client.create_request(["dba"])

    first, second = (call.headers["Idempotency-Key"] for call in canned.calls)
    assert first != second


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_what_is_temporary_is_tried_again(client, canned, status):
    canned.refuses(status, "busy")
    canned.answers(BOB)

    assert client.me().email == "bob@example.com"


def test_the_plane_says_how_long_to_wait(client, canned, pauses):
    canned.refuses(429, "too_many_requests", **{"Retry-After": "7"})
    canned.answers(BOB)

    client.me()

    assert pauses == [7.0]


def test_a_plane_that_wants_too_long_a_wait_is_not_waited_for(client, canned, pauses):
    canned.refuses(429, "too_many_requests", **{"Retry-After": "3600"})

    with pytest.raises(PlaneError) as refused:
        client.me()

    assert refused.value.code == "too_many_requests"
    assert pauses == []


def test_it_gives_up_in_the_end(client, canned):
    for _ in range(4):
        canned.fails(httpx.ConnectError("Out of order"))

    with pytest.raises(
        PlaneUnreachable, match=r"Nothing answers at https://plane\.example\.com"
    ):
        client.me()

    assert canned.is_done


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 422, 500])
def test_a_refusal_is_final(client, canned, status):
    canned.refuses(status, "some_code", "A sentence.", errors={"roles": ["Wrong."]})

    with pytest.raises(PlaneError) as refused:
        client.create_request(["dba"])

    assert len(canned.calls) == 1
    assert (refused.value.status, refused.value.code) == (status, "some_code")
    assert refused.value.detail == str(refused.value) == "A sentence."
    assert refused.value.errors == {"roles": ["Wrong."]}


def test_a_slow_answer_is_not_asked_for_again(client, canned):
    canned.fails(httpx.ReadTimeout("Out of order"))

    with pytest.raises(PlaneUnreachable, match="within 30 seconds"):
        client.create_request(["dba"])

    assert len(canned.calls) == 1


def test_a_delete_that_may_have_worked_is_not_sent_again(client, canned):
    canned.fails(httpx.RemoteProtocolError("Out of order"))

    with pytest.raises(PlaneUnreachable):
        client.revoke_token("7")

    assert len(canned.calls) == 1


def test_no_redirect_is_followed(client, canned):
    canned.says("", 302, Location="https://evil.example.com/api/v1/users/me/")

    with pytest.raises(UnexpectedAnswer, match=r"evil\.example\.com"):
        client.me()

    assert len(canned.calls) == 1


def test_cookies_are_not_kept(client, canned):
    canned.answers(BOB, **{"Set-Cookie": "sessionid=stolen"})
    canned.answers(BOB)

    client.me()
    client.me()

    assert "Cookie" not in canned.calls[1].headers


@pytest.mark.parametrize(("status", "text"), [(200, "<html>"), (404, "<html>"), (500, "oops")])
def test_something_that_is_no_plane_is_said_to_be_none(client, canned, status, text):
    canned.says(text, status)

    with pytest.raises(UnexpectedAnswer, match=r"https://plane\.example\.com"):
        client.me()


@pytest.mark.parametrize("token", ["", "ap bob", "ap_bob\n", "ap_\x1b", "ap_böb"])
def test_a_token_that_cannot_be_one_is_not_sent_and_not_shown(canned, token):
    with pytest.raises(PlaneError) as refused:
        Plane("https://plane.example.com", token, transport=httpx.MockTransport(canned))

    assert not token or token not in refused.value.detail
    assert canned.calls == []


def test_the_token_is_not_in_what_python_shows_of_a_plane(client):
    assert repr(client) == "Plane('https://plane.example.com')"
