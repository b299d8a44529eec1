"""The name of a fetched feed, by which its format is recognised."""

from __future__ import annotations

import pytest

from webapp.catalog.feeds.downloads import file_name


@pytest.mark.parametrize(
    ("url", "kind", "name"),
    [
        ("https://shop.example/products.csv", "", "products.csv"),
        ("https://shop.example/Products.JSONL?key=1", "text/plain", "Products.JSONL"),
        ("https://shop.example/export.php?format=csv", "text/csv", "export.php.csv"),
        ("https://shop.example/feed", "application/rss+xml", "feed.xml"),
        ("https://shop.example/", "text/html", "feed.txt"),
        ("https://shop.example/products.csv.gz", "application/gzip", "products.csv"),
        ("https://shop.example/export.zip", "application/zip", "export.txt"),
        ("https://shop.example/a%2Fb%20c.tsv", "", "b c.tsv"),
    ],
)
def test_a_feed_is_named_by_its_address_and_type(url: str, kind: str, name: str) -> None:
    assert file_name(url, kind) == name
