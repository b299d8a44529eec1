"""Names of hosts, as browsers read them in an address."""

from __future__ import annotations

import re
from ipaddress import IPv4Address, IPv6Address

_NAME = re.compile(r"[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})*\.?\Z")
_NUMERIC = re.compile(r"(?:[0-9]+|0x[0-9a-f]*)\Z")
_MAX_CHARACTERS = 253  # of DNS


def host_read(text: str) -> str:
    """Return a host in ASCII and lower case, an IPv6 address without brackets.

    A host whose last label is a number must be an IPv4 address in its usual form, since browsers read no other numbers
    as a name. Raises ValueError saying what is wrong.
    """
    if ":" in text:
        try:
            return str(IPv6Address(text.replace("%", " ")))  # a zone belongs to one machine's network
        except ValueError as error:
            raise ValueError(f"{text[:80]}: not an IPv6 address") from error
    try:
        host = text.encode("idna").decode("ascii").lower()
    except UnicodeError:
        host = ""
    if len(host) > _MAX_CHARACTERS + 1 or not _NAME.match(host):
        raise ValueError(f"{text[:80]}: not a host name")
    if _NUMERIC.match(host.rstrip(".").rpartition(".")[2]):
        return _address(host.rstrip("."))
    return host


def _address(host: str) -> str:
    try:
        return str(IPv4Address(host))
    except ValueError as error:
        raise NumericHostError(f"{host[:80]}: not written as an IPv4 address") from error


class NumericHostError(ValueError):
    """A host that ends in a number without being an IPv4 address: 1.2.3.4.5, or a spelling such as 2130706433."""
