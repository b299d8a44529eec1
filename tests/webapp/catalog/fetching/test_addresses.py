"""Which network addresses may be contacted."""

from __future__ import annotations

from ipaddress import ip_address

import pytest

from webapp.catalog.fetching.addresses import Policy, is_public
from webapp.catalog.fetching.errors import FetchError, RefusedAddressError
from webapp.catalog.fetching.targets import target_of

REFUSED = [
    "127.0.0.1",
    "10.1.2.3",
    "172.16.0.1",
    "192.168.1.1",
    "100.64.0.1",  # carriers' networks
    "169.254.169.254",  # clouds' metadata
    "0.0.0.0",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "198.18.0.1",
    "::",
    "::1",
    "::127.0.0.1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "64:ff9b::7f00:1",
    "64:ff9b::a00:1",
    "64:ff9b:1::a00:1",
    "2002:7f00:1::",
    "2001:0:7f00:1::",
    "fc00::1",
    "fd12::1",
    "fe80::1",
    "fe80::1%eth0",
    "fec0::1",
    "ff02::1",
    "2001:db8::1",
]


def _policy(*addresses: str, listed: tuple[str, ...] = ()) -> Policy:
    return Policy(listed, lambda host, port: list(addresses))


@pytest.mark.parametrize("address", REFUSED)
def test_addresses_that_are_not_public_are_refused(address: str) -> None:
    with pytest.raises(RefusedAddressError, match="no public address"):
        _policy(address).addresses("shop.example", 443)


@pytest.mark.parametrize(
    "address", ["93.184.216.34", "2606:4700::1111", "64:ff9b::808:808", "::ffff:8.8.8.8"]
)
def test_public_addresses_are_contacted(address: str) -> None:
    assert _policy(address).addresses("shop.example", 443) == [address]


def test_of_several_addresses_only_the_public_ones_are_contacted() -> None:
    assert _policy("10.0.0.1", "8.8.8.8", "::1").addresses("shop.example", 80) == ["8.8.8.8"]


def test_a_listed_host_may_be_private_but_never_link_local() -> None:
    assert _policy("10.0.0.5", listed=("nas.intra",)).addresses("nas.intra", 80) == ["10.0.0.5"]
    with pytest.raises(RefusedAddressError):
        _policy("10.0.0.5", listed=("nas.intra",)).addresses("other.intra", 80)
    with pytest.raises(RefusedAddressError):
        _policy("169.254.169.254", listed=("nas.intra",)).addresses("nas.intra", 80)


def test_ports_of_other_services_are_refused() -> None:
    policy = _policy("8.8.8.8", listed=("nas.intra:9000",))
    policy.check_port("shop.example", 443)
    policy.check_port("nas.intra", 9000)
    for host, port in (("shop.example", 22), ("shop.example", 6379), ("nas.intra", 9001)):
        with pytest.raises(RefusedAddressError, match="port"):
            policy.check_port(host, port)


def test_loopback_is_not_public_in_any_family() -> None:
    assert not is_public(ip_address("127.8.8.8"))
    assert not is_public(ip_address("::1"))


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("ftp://shop.example/a.png", "only http"),
        ("file:///etc/passwd", "only http"),
        ("//shop.example/a.png", "only http"),
        ("http:///a.png", "host"),
        ("http://user:secret@shop.example/a.png", "user name"),
        ("http://shop.example@127.0.0.1/a.png", "user name"),
        ("http://shop.example:0/a.png", "host"),
        ("http://shop.example:99999/a.png", "valid URL"),
        ("http://2130706433/a.png", "IPv4"),
        ("http://0177.0.0.1/a.png", "IPv4"),
        ("http://0x7f.0.0.1/a.png", "IPv4"),
        ("http://0x7f000001/a.png", "IPv4"),
        ("http://127.1/a.png", "IPv4"),
        ("http://[fe80::1%25eth0]/a.png", "address"),
        ("http://[::1/a.png", "valid URL"),
        ("http://shop.example\\@127.0.0.1/a.png", "user name"),
        ("http://shop .example/a.png", "host name"),
        ("http://shop.example/a\r\nX: y", "control"),
        ("http://" + "a" * 3_000, "characters"),
    ],
)
def test_odd_urls_are_refused_with_the_reason(url: str, why: str) -> None:
    with pytest.raises(FetchError, match=why):
        target_of(url)


def test_urls_are_written_as_servers_expect() -> None:
    target = target_of("HTTPS://Müller.example:443/rote Schuhe/ä%20b.png?w=1 2#top")
    assert target.url == "https://xn--mller-kva.example/rote%20Schuhe/%C3%A4%20b.png?w=1%202"
    assert target_of("http://[2606:4700::1111]:8080/").authority == "[2606:4700::1111]:8080"
    assert target.redirected("/x.png").url == "https://xn--mller-kva.example/x.png"
    with pytest.raises(FetchError, match="to http"):
        target.redirected("http://shop.example/x.png")
