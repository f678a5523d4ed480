"""Pure: which addresses on the network may be spoken to.

What a document names as an address must not become a way into the network that the plane stands
in. Everything that is not a plain public address is refused, unless the operator named it.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)

_HOST = re.compile(r"(?=.{1,253}\Z)[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_-]+)*")
# An IPv6-only network reaches IPv4 by this prefix: the last 32 bits say where (RFC 6052).
_NAT64 = IPv6Network("64:ff9b::/96")
_UNICAST = IPv6Network("2000::/3")
# 6to4 carries an IPv4 address that nobody checked; the others are for documentation.
_NOT_PUBLIC = tuple(map(IPv6Network, ("2002::/16", "3fff::/20")))
# The relays of 6to4, retired with it.
_NOT_PUBLIC_4 = (IPv4Network("192.88.99.0/24"),)


class NotAllowable(ValueError):
    """Neither a host name nor an address nor a network."""

    def __init__(self, entry: str) -> None:
        super().__init__(f"{entry!r} is no host name, address or network.")


@dataclass(frozen=True, slots=True)
class Allowed:
    """What the operator opened beside the public network."""

    hosts: frozenset[str] = frozenset()
    networks: tuple[IPv4Network | IPv6Network, ...] = ()

    def permits(self, host: str, address: str) -> bool:
        """Whether `address`, found under the name `host`, may be connected to.

        An address with a zone (`fe80::1%eth0`) is judged without it.
        """
        if plain_host(host) in self.hosts:
            return True
        found = ip_address(address.partition("%")[0])
        return is_public(found) or any(found in network for network in self.networks)


def allowed(entries: Iterable[str]) -> Allowed:
    """What these host names, addresses and networks open; `NotAllowable` names a wrong one.

    A name opens itself and not the names below it.
    """
    hosts, networks = set[str](), list[IPv4Network | IPv6Network]()
    for entry in (entry.strip() for entry in entries):
        try:
            networks.append(ip_network(entry.strip("[]")))
        except ValueError as error:
            name = plain_host(entry)
            if not _HOST.fullmatch(name) or name.rpartition(".")[2].isdigit():
                raise NotAllowable(entry) from error
            hosts.add(name)
    return Allowed(frozenset(hosts), tuple(networks))


def is_public(address: IPv4Address | IPv6Address) -> bool:
    """Whether the address is one host's on the public network, and not ours or nobody's.

    Loopback, private, link-local, shared (carrier NAT), multicast, reserved and unspecified
    addresses are not, nor are IPv6 addresses that hide an IPv4 one, but for NAT64 to a public one.
    """
    if isinstance(address, IPv6Address):
        if address in _NAT64:
            return is_public(IPv4Address(int(address) & 0xFFFFFFFF))
        return (
            address in _UNICAST
            and address.is_global
            and not any(address in network for network in _NOT_PUBLIC)
        )
    return (
        address.is_global
        and not address.is_multicast
        and not address.is_reserved
        and not any(address in network for network in _NOT_PUBLIC_4)
    )


def plain_host(host: str) -> str:
    """The name as it is compared: lower case, without the dot of the root."""
    return host.lower().rstrip(".")
