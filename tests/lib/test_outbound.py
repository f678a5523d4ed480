"""HTTP out, against real sockets: what may be called, and what a peer may do to us."""

import socket
import ssl
import time
from datetime import timedelta

import pytest
import trustme

from accessplane.lib import addresses, outbound
from accessplane.lib.outbound import Kind, OutboundFailed
from tests.sockets import answers, drips, peer

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-Seen: yes\r\n\r\nok"
SECOND = timedelta(seconds=1)


@pytest.fixture(autouse=True)
def loopback_is_open(settings):
    settings.ACCESSPLANE_OUTBOUND_ALLOW = addresses.allowed(["127.0.0.1"])


def post(url, **changes):
    return outbound.send("POST", url, **{"body": b"{}", "timeout": SECOND, **changes})


def refusal(url, **changes) -> OutboundFailed:
    with pytest.raises(OutboundFailed) as caught:
        post(url, **changes)
    return caught.value


def resolving(monkeypatch, *answers_in_turn):
    """The system's resolver answers so, one answer after the other; the lookups are returned."""
    turns, asked = list(answers_in_turn), []

    def getaddrinfo(host, port, *_args, **_kwargs):
        asked.append(host)
        return [
            (
                socket.AF_INET6 if ":" in one else socket.AF_INET,
                socket.SOCK_STREAM,
                6,
                "",
                (one, port),
            )
            for one in turns.pop(0)
        ]

    real = socket.getaddrinfo
    monkeypatch.setattr(
        socket, "getaddrinfo", lambda host, *a, **k: real(host, *a, **k)
        if host[0].isdigit() or ":" in host else getaddrinfo(host, *a, **k)
    )  # fmt: skip
    return asked


# --- what is sent and what comes back -----------------------------------------------------------


def test_an_answer_has_status_headers_and_body():
    with peer(answers(OK)) as receiver:
        answer = post(receiver.url + "?a=1#part", headers={"X-Given": "7"}, body=b'{"x": 1}')

    head, _, body = receiver.heard[0].partition(b"\r\n\r\n")
    lines = head.decode().lower().split("\r\n")
    assert (answer.status, answer.headers["x-seen"], answer.body) == (200, "yes", b"ok")
    assert lines[0] == "post /hook?a=1 http/1.1"
    assert f"host: 127.0.0.1:{receiver.port}" in lines
    assert "user-agent: access-plane/0.1.0" in lines
    assert "x-given: 7" in lines
    assert "content-length: 8" in lines
    assert body == b'{"x": 1}'


@pytest.mark.parametrize("status", [400, 404, 429, 500, 503])
def test_a_refusal_is_an_answer_too(status):
    raw = f"HTTP/1.1 {status} No\r\nRetry-After: 7\r\nContent-Length: 0\r\n\r\n".encode()
    with peer(answers(raw)) as receiver:
        answer = post(receiver.url)

    assert (answer.status, answer.headers["retry-after"], answer.body) == (status, "7", b"")


def test_cookies_are_not_kept():
    raw = OK.replace(b"X-Seen: yes", b"Set-Cookie: a=b")
    with peer(answers(raw)) as receiver:
        post(receiver.url)
        post(receiver.url)

    assert len(receiver.heard) == 2
    assert b"cookie" not in receiver.heard[1].lower()


def test_a_proxy_of_the_environment_is_not_asked(monkeypatch):
    with peer(answers(OK)) as receiver, peer(answers(OK)) as proxy:
        for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
        post(receiver.url)

    assert (len(receiver.heard), proxy.heard) == (1, [])


def test_what_is_compressed_is_not_blown_up():
    raw = OK.replace(b"X-Seen: yes", b"Content-Encoding: gzip")
    with peer(answers(raw)) as receiver:
        assert post(receiver.url).body == b"ok"
    assert b"accept-encoding" not in receiver.heard[0].lower()


# --- what a peer may do -------------------------------------------------------------------------


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_an_error_and_is_not_followed(status):
    with peer(answers(OK)) as goal:
        raw = f"HTTP/1.1 {status} There\r\nLocation: {goal.url}\r\nContent-Length: 0\r\n\r\n"
        with peer(answers(raw.encode())) as receiver:
            refused = refusal(receiver.url)

    assert refused.kind is Kind.REDIRECT
    assert str(status) in refused.sentence
    assert goal.heard == []


@pytest.mark.parametrize(
    ("start", "drop"),
    [
        (b"", b"H"),
        (b"HTTP/1.1 200 OK\r\n", b"X-More: 1\r\n"),
        (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n", b"."),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\n.\r\n"),
    ],
    ids=["status", "headers", "interim", "body", "chunks"],
)
def test_a_peer_that_drips_is_left_when_the_time_is_over(start, drop):
    with peer(drips(start, drop, every=0.02)) as receiver:
        began = time.monotonic()
        refused = refusal(receiver.url, timeout=timedelta(seconds=0.4))
        took = time.monotonic() - began

    assert refused.kind is Kind.TIMEOUT
    assert refused.sentence == "127.0.0.1 did not answer within 0.4 seconds."
    assert 0.35 < took < 1.2


def test_a_peer_that_reads_nothing_is_left_as_well():
    """Far more than the buffers between the two hold."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        began = time.monotonic()
        refused = refusal(
            f"http://127.0.0.1:{port}/", body=b"." * 40_000_000, timeout=timedelta(seconds=0.5)
        )

    assert refused.kind is Kind.TIMEOUT
    assert time.monotonic() - began < 1.5


@pytest.mark.parametrize(
    "head",
    [b"Content-Length: 70000\r\n", b"Connection: close\r\n"],
    ids=["declared", "endless"],
)
def test_an_answer_that_is_too_large_is_an_error(head):
    raw = b"HTTP/1.1 200 OK\r\n" + head + b"\r\n" + b"." * 70_000
    with peer(answers(raw)) as receiver:
        refused = refusal(receiver.url)

    assert refused.kind is Kind.TOO_LARGE
    assert "65536 bytes" in refused.sentence


def test_the_largest_answer_is_no_error():
    raw = b"HTTP/1.1 200 OK\r\nContent-Length: 65536\r\n\r\n" + b"." * 65536
    with peer(answers(raw)) as receiver:
        assert len(post(receiver.url).body) == 65536


@pytest.mark.parametrize(
    "raw",
    [b"", b"220 smtp.example.com ESMTP\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx"],
)
def test_what_is_no_whole_answer_is_an_error(raw):
    with peer(answers(raw)) as receiver:
        assert refusal(receiver.url).kind is Kind.CONNECTION


def test_nobody_there_is_an_error():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]

    refused = refusal(f"http://127.0.0.1:{port}/?token=secret")

    assert refused.kind is Kind.CONNECTION
    assert refused.sentence == "127.0.0.1 could not be reached, or broke off."


# --- which addresses may be called --------------------------------------------------------------


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "127.1",
        "2130706433",
        "0x7f000001",
        "0177.0.0.1",
        "0.0.0.0",  # noqa: S104
        "localhost",
        "LOCALHOST.",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[::]",
    ],
)
def test_loopback_is_refused_however_it_is_written(settings, host):
    settings.ACCESSPLANE_OUTBOUND_ALLOW = addresses.allowed([])
    with peer(answers(OK)) as receiver:
        refused = refusal(f"http://{host}:{receiver.port}/hook?token=secret")

    assert refused.kind in {Kind.REFUSED_ADDRESS, Kind.BAD_URL} or "no host" in refused.sentence
    assert "secret" not in refused.sentence
    assert receiver.heard == []


@pytest.mark.parametrize(
    "address", ["10.0.0.1", "169.254.169.254", "::ffff:10.0.0.1", "fd00::1"]
)
def test_a_public_name_for_a_private_address_is_refused(monkeypatch, address):
    resolving(monkeypatch, [address])

    refused = refusal("http://policy.example.com/check")

    assert refused.kind is Kind.REFUSED_ADDRESS
    assert refused.sentence == (
        "policy.example.com is at an address that may not be called from here."
    )


def test_a_name_is_resolved_once_so_it_cannot_change_its_mind(monkeypatch, settings):
    """DNS rebinding: permitted when it is checked, loopback when it is connected to."""
    settings.ACCESSPLANE_OUTBOUND_ALLOW = addresses.allowed(["127.0.0.2"])
    with peer(answers(OK)) as receiver:  # listens on 127.0.0.1 only
        asked = resolving(monkeypatch, ["127.0.0.2"], ["127.0.0.1"], ["127.0.0.1"])
        refused = refusal(f"http://policy.example.com:{receiver.port}/")

    assert refused.kind is Kind.CONNECTION
    assert asked == ["policy.example.com"]
    assert receiver.heard == []


def test_a_name_that_is_allowed_may_be_anywhere(monkeypatch, settings):
    settings.ACCESSPLANE_OUTBOUND_ALLOW = addresses.allowed(["policy.example.com"])
    with peer(answers(OK)) as receiver:
        resolving(monkeypatch, ["127.0.0.1"])
        answer = post(f"http://policy.example.com:{receiver.port}/")

    assert answer.status == 200
    assert f"host: policy.example.com:{receiver.port}".encode() in receiver.heard[0].lower()


def test_of_several_addresses_the_first_that_answers_and_may_is_taken(monkeypatch):
    with peer(answers(OK)) as receiver:
        resolving(monkeypatch, ["::1", "10.0.0.1", "127.0.0.1"])
        assert post(f"http://policy.example.com:{receiver.port}/").status == 200


def test_a_resolver_that_hangs_takes_no_more_than_the_time(monkeypatch):
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_a, **_k: time.sleep(2) or [])
    began = time.monotonic()

    refused = refusal("http://policy.example.com/", timeout=timedelta(seconds=0.2))

    assert refused.kind is Kind.TIMEOUT
    assert time.monotonic() - began < 1


def test_a_name_that_nobody_has_is_said():
    refused = refusal("http://nobody.invalid/?token=secret")

    assert refused.kind is Kind.CONNECTION
    assert refused.sentence == "There is no host named nobody.invalid."


# --- URLs ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "url",
    [
        "",
        "policy.example.com/check",
        "//policy.example.com/",
        "ftp://policy.example.com/",
        "file:///etc/passwd",
        "http:///nowhere",
        "https://bob:hunter2@policy.example.com/",
        "https://token@policy.example.com/",
        "http://policy.example.com:0/",
        "http://policy.example.com:65536/",
        "http://policy.example.com:http/",
        "http://policy.example.com/\nHost: other",
        "http://policy.example.com/" + "a" * 2000,
        "http://[::1/",
    ],
)
def test_what_is_no_url_to_call_is_refused(url):
    refused = refusal(url)

    assert refused.kind is Kind.BAD_URL
    assert "hunter2" not in refused.sentence
    with pytest.raises(OutboundFailed):
        outbound.check_url(url)


def test_a_good_url_is_good_without_asking_anybody():
    outbound.check_url("https://policy.example.com/check?a=b")


# --- TLS ----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def authority():
    return trustme.CA()


@pytest.fixture
def trusted(authority, tmp_path, monkeypatch):
    """The machine trusts this authority."""
    bundle = tmp_path / "authorities.pem"
    authority.cert_pem.write_to_path(str(bundle))
    monkeypatch.setenv("SSL_CERT_FILE", str(bundle))
    outbound._trust.cache_clear()
    yield
    outbound._trust.cache_clear()


def server_context(authority, *names):
    """A server's side of TLS; `asked_for` gathers the names that clients ask for (SNI)."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(*names).configure_cert(context)
    asked_for = []
    context.sni_callback = lambda _socket, name, _context: asked_for.append(name)
    return context, asked_for


def test_tls_is_verified_against_the_name_and_not_the_address(trusted, authority, monkeypatch):
    context, asked_for = server_context(authority, "policy.example.com")
    with peer(answers(OK), tls=context) as receiver:
        resolving(monkeypatch, ["127.0.0.1"])
        answer = post(f"https://policy.example.com:{receiver.port}/")

    assert answer.status == 200
    assert asked_for == ["policy.example.com"]


@pytest.mark.parametrize("names", [("other.example.com",), ("127.0.0.1",)])
def test_a_certificate_for_another_name_is_refused(trusted, authority, monkeypatch, names):
    context, _ = server_context(authority, *names)
    with peer(answers(OK), tls=context) as receiver:
        resolving(monkeypatch, ["127.0.0.1"])
        refused = refusal(f"https://policy.example.com:{receiver.port}/")

    assert refused.kind is Kind.CONNECTION
    assert refused.sentence == "The certificate of policy.example.com could not be verified."
    assert receiver.heard == []


def test_a_certificate_of_an_unknown_authority_is_refused(authority, monkeypatch):
    context, _ = server_context(authority, "policy.example.com")
    with peer(answers(OK), tls=context) as receiver:
        resolving(monkeypatch, ["127.0.0.1"])
        refused = refusal(f"https://policy.example.com:{receiver.port}/")

    assert "could not be verified" in refused.sentence
    assert receiver.heard == []


def test_a_peer_that_never_shakes_hands_is_left():
    with peer(drips(b"", b"", every=0.1)) as receiver:
        refused = refusal(f"https://127.0.0.1:{receiver.port}/", timeout=timedelta(seconds=0.3))

    assert refused.kind is Kind.TIMEOUT
