from __future__ import annotations

import pytest

from webapp.sites.origins import origin_parsed


@pytest.mark.parametrize(
    ("given", "sent"),
    [
        ("https://shop.example", "https://shop.example"),
        (" https://Shop.Example/ ", "https://shop.example"),
        ("https://shop.example:443", "https://shop.example"),
        ("http://localhost:8080", "http://localhost:8080"),
        ("https://bücher.example", "https://xn--bcher-kva.example"),
        ("http://[::1]:3000", "http://[::1]:3000"),
        ("http://192.168.0.1", "http://192.168.0.1"),
    ],
)
def test_an_origin_is_kept_as_browsers_send_it(given: str, sent: str) -> None:
    assert origin_parsed(given) == sent


@pytest.mark.parametrize(
    "given",
    [
        "*",
        "https://*.shop.example",
        "shop.example",
        "ftp://shop.example",
        "https://",
        "https://shop.example/cart",
        "https://shop.example?a=b",
        "https://me@shop.example",
        "https://shop.example:port",
        "https://[",
        "null",
        "https://" + "a" * 64 + ".example",
        "https://a b",
        "https://a,b",
        "https://a;script-src b",
        "https://a;script-src",
        "https://a'b",
        "https://a%62",
        "https://1.2.3.4.5",
        "https://256.1.1.1",
    ],
)
def test_anything_else_is_refused_and_repeated(given: str) -> None:
    with pytest.raises(ValueError, match=r"origin|host"):
        origin_parsed(given)
