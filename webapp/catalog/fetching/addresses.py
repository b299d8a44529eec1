"""Which network addresses may be contacted: those of the public internet, and of hosts that the operator has listed."""

from __future__ import annotations

import socket
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

from ml.errors import gettext_noop
from webapp.catalog.fetching.errors import FetchError, RefusedAddressError

Address = IPv4Address | IPv6Address
Resolve = Callable[[str, int], list[str]]

PORTS = frozenset({80, 443, 8080, 8443})
# The last 32 bits of an address of this network are the IPv4 address that a gateway contacts (RFC 6052).
_NAT64 = IPv6Network("64:ff9b::/96")


def resolve(host: str, port: int) -> list[str]:
    """Return the addresses of a host, in the order to try them. Raises FetchError if it has none."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except UnicodeError as error:
        raise FetchError(gettext_noop("{host}: not a host name"), host=host) from error
    except OSError as error:  # a name server that does not answer looks like a name that does not exist
        raise FetchError(
            gettext_noop("{host}: {why}"), host=host, why=error.strerror, transient=True
        ) from error
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


@dataclass(frozen=True, slots=True)
class Policy:
    """The rules of this site.

    private_hosts: `host` or `host:port` of servers that may have a private address and any port, such as those of an
    intranet. resolve: the lookup of names, replaced in tests.
    """

    private_hosts: Collection[str] = ()
    resolve: Resolve = field(default=resolve)

    def is_listed(self, host: str, port: int) -> bool:
        """Return whether the operator trusts a host with a private address."""
        return host in self.private_hosts or f"{host}:{port}" in self.private_hosts

    def check_port(self, host: str, port: int) -> None:
        """Raise RefusedAddressError for a port that serves neither pictures nor feeds."""
        if port not in PORTS and not self.is_listed(host, port):
            raise RefusedAddressError(
                gettext_noop("port {port} is not one of {names}"),
                port=port,
                names=", ".join(map(str, sorted(PORTS))),
            )

    def addresses(self, host: str, port: int) -> list[str]:
        """Return the addresses of a host that may be contacted. Raises RefusedAddressError if all are refused.

        Callers connect to these and do not look the name up again: its next answer may be another.
        """
        found = self.resolve(host, port)
        listed = self.is_listed(host, port)
        allowed = [address for address in found if _is_allowed(address, listed=listed)]
        if not allowed:
            raise RefusedAddressError(gettext_noop("{host} has no public address"), host=host)
        return allowed


def _is_allowed(text: str, *, listed: bool) -> bool:
    try:
        address = _embedded(ip_address(text))
    except ValueError:  # such as an address with a zone, fe80::1%eth0
        return False
    if address.is_multicast or address.is_unspecified or address.is_link_local:
        return False  # also for listed hosts: clouds hand out credentials at a link-local address
    return listed or is_public(address)


def is_public(address: Address) -> bool:
    """Return whether an address belongs to the public internet."""
    if isinstance(address, IPv6Address) and (address.sixtofour or address.teredo or address.is_site_local):
        return False  # tunnels, which may lead anywhere
    return address.is_global and not address.is_multicast and not address.is_reserved


def _embedded(address: Address) -> Address:
    """Return the IPv4 address that an IPv6 address stands for, or else the address itself."""
    if isinstance(address, IPv4Address):
        return address
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return IPv4Address(int(address) & 0xFFFFFFFF) if address in _NAT64 else address
