"""Which addresses may be called: public ones, and what the operator named."""

from ipaddress import ip_address

import pytest

from accessplane.lib import addresses

PUBLIC = [
    "8.8.8.8",
    "93.184.216.34",
    "2606:4700::1111",
    "2a00:1450:4001:800::200e",
    "64:ff9b::808:808",  # NAT64 to 8.8.8.8
]
NOT_PUBLIC = [
    "0.0.0.0",  # noqa: S104
    "10.1.2.3",
    "100.64.0.1",  # carrier NAT
    "127.0.0.1",
    "127.255.255.254",
    "169.254.169.254",  # where clouds keep credentials
    "172.31.255.255",
    "192.168.1.1",
    "192.0.2.1",
    "192.88.99.1",
    "198.18.0.1",
    "224.0.0.1",
    "239.255.255.250",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::127.0.0.1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "::ffff:8.8.8.8",
    "64:ff9b::7f00:1",
    "64:ff9b::a00:1",
    "64:ff9b:1::1",
    "100::1",
    "2001::1",  # Teredo
    "2001:db8::1",
    "2002:7f00:1::",  # 6to4
    "3fff::1",
    "5f00::1",
    "fc00::1",
    "fd12:3456::1",
    "fe80::1",
    "fec0::1",
    "ff02::1",
    "ff0e::1",
]


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses_may_be_called(address):
    assert addresses.is_public(ip_address(address))


@pytest.mark.parametrize("address", NOT_PUBLIC)
def test_no_other_address_may(address):
    assert not addresses.is_public(ip_address(address))
    assert not addresses.Allowed().permits("anywhere.example.com", address)


@pytest.mark.parametrize(
    ("entry", "host", "address"),
    [
        ("10.0.0.0/8", "ticket.example.com", "10.1.2.3"),
        ("10.1.2.3", "ticket.example.com", "10.1.2.3"),
        ("fd00::/8", "ticket.example.com", "fd12::1"),
        ("[::1]", "localhost", "::1"),
        ("fe80::/10", "neighbour", "fe80::1%eth0"),
        ("Ticket.Example.Com", "ticket.example.com", "10.1.2.3"),
        ("ticket.example.com.", "TICKET.example.com.", "127.0.0.1"),
        ("localhost", "localhost", "127.0.0.1"),
    ],
)
def test_what_the_operator_names_may_be_called(entry, host, address):
    assert addresses.allowed([entry]).permits(host, address)


@pytest.mark.parametrize(
    ("entry", "host", "address"),
    [
        ("10.0.0.0/8", "ticket.example.com", "192.168.0.1"),
        ("127.0.0.1", "localhost", "::1"),
        ("127.0.0.1", "localhost", "::ffff:127.0.0.1"),
        ("example.com", "ticket.example.com", "10.1.2.3"),
        ("ticket.example.com", "example.com", "10.1.2.3"),
    ],
)
def test_it_opens_nothing_else(entry, host, address):
    assert not addresses.allowed([entry]).permits(host, address)


@pytest.mark.parametrize(
    "entry",
    [
        "",
        "*",
        "*.example.com",
        "10.0.0.1/8",
        "300.1.1.1",
        "127.1",
        "a b",
        "http://a",
        "a:80",
        "é.de",
    ],
)
def test_an_entry_that_is_neither_is_named(entry):
    with pytest.raises(addresses.NotAllowable) as caught:
        addresses.allowed(["10.0.0.0/8", entry])

    assert repr(entry) in str(caught.value)
