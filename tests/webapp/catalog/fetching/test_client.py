"""Pictures from a real server that is slow, lies, redirects and never ends."""

from __future__ import annotations

import gzip
import socket
import ssl
import subprocess
from collections.abc import Iterator
from pathlib import Path
from time import monotonic
from typing import NoReturn

import httpcore
import pytest

from tests.support import picture_server as serve
from tests.support.picture_server import PictureServer
from webapp.catalog.fetching.addresses import Policy
from webapp.catalog.fetching.client import Fetcher, Limits, Validators
from webapp.catalog.fetching.errors import FetchError, RefusedAddressError

LIMITS = Limits(max_bytes=50_000, total_s=1.0, connect_s=0.5, idle_s=0.4, max_redirects=3)
PNG = b"\x89PNG" + b"x" * 1_000


@pytest.fixture
def server() -> Iterator[PictureServer]:
    with serve.picture_server() as running:
        yield running


@pytest.fixture
def fetcher() -> Iterator[Fetcher]:
    """Trusts the name `localhost`, but not the address 127.0.0.1."""
    with Fetcher(Policy(("localhost",)), LIMITS) as made:
        yield made


def test_a_picture_arrives_and_is_not_sent_again_while_unchanged(
    server: PictureServer, fetcher: Fetcher
) -> None:
    server.answers["/a.png"] = serve.image(PNG, etag='"v1"', last_modified="Mon, 02 Jan 2023 00:00:00 GMT")
    first = fetcher.fetch(server.url("/a.png"))
    assert first.data == PNG
    assert first.validators == Validators('"v1"', "Mon, 02 Jan 2023 00:00:00 GMT")
    assert fetcher.fetch(server.url("/a.png"), first.validators).data is None
    server.answers["/a.png"] = serve.image(PNG + b"y", etag='"v2"')
    assert fetcher.fetch(server.url("/a.png"), first.validators).data == PNG + b"y"
    headers = server.seen[0][1]
    assert headers["host"] == f"localhost:{server.port}"
    assert headers["accept-encoding"] == "identity"
    assert not {"cookie", "authorization", "referer"} & headers.keys()


def test_redirects_are_followed_each_to_a_checked_address(server: PictureServer, fetcher: Fetcher) -> None:
    server.answers["/a.png"] = serve.redirect("/b.png")
    server.answers["/b.png"] = serve.redirect(server.url("/c.png"))
    server.answers["/c.png"] = serve.image(PNG)
    assert fetcher.fetch(server.url("/a.png")).data == PNG
    server.answers["/private"] = serve.redirect(server.url("/c.png", host="127.0.0.1"))
    asked = server.count("/c.png")
    with pytest.raises(RefusedAddressError):
        fetcher.fetch(server.url("/private"))
    assert server.count("/c.png") == asked


@pytest.mark.parametrize(
    "location",
    [
        "http://127.0.0.1/",
        "http://[::1]/",
        "http://[::ffff:127.0.0.1]/",
        "http://169.254.169.254/latest/meta-data/",
        "http://2130706433/",
        "http://0177.0.0.1/",
        "http://10.0.0.1/",
        "http://user@localhost/",
        "file:///etc/passwd",
        "gopher://localhost/",
    ],
)
def test_a_redirect_to_a_private_address_or_another_scheme_is_refused(
    server: PictureServer, fetcher: Fetcher, location: str
) -> None:
    server.answers["/a.png"] = serve.redirect(location)
    with pytest.raises(FetchError) as error:
        fetcher.fetch(server.url("/a.png"))
    assert not error.value.transient


def test_endless_redirects_end(server: PictureServer, fetcher: Fetcher) -> None:
    server.answers["/a.png"] = serve.redirect("/a.png")
    with pytest.raises(FetchError, match="more than 3 redirects"):
        fetcher.fetch(server.url("/a.png"))
    assert server.count("/a.png") == 4


def test_a_name_that_changes_its_address_after_the_check_gains_nothing(
    server: PictureServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = [["10.0.0.1", "93.184.216.34"], ["127.0.0.1"]]
    connected: list[str] = []

    def connect(network: object, host: str, *_: object) -> NoReturn:
        connected.append(host)
        raise httpcore.ConnectTimeout  # the public address does not answer from here

    monkeypatch.setattr(httpcore.SyncBackend, "connect_tcp", connect)
    policy = Policy((), lambda host, port: answers.pop(0))
    with Fetcher(policy, LIMITS) as fetcher:
        with pytest.raises(FetchError, match="too slow"):
            fetcher.fetch("http://shop.example/a.png")
        assert connected == ["93.184.216.34"]  # what was checked, without another look-up
        with pytest.raises(RefusedAddressError):
            fetcher.fetch("http://shop.example/a.png")
    assert connected == ["93.184.216.34"]


@pytest.mark.parametrize(
    ("answer", "why", "transient"),
    [
        (serve.endless, "more than 50000 bytes", False),
        (serve.image(bytes(60_000)), "60000 bytes, at most 50000", False),
        (serve.image(b"<html>", "text/html; charset=utf-8"), "text/html, not a picture", False),
        (serve.image(gzip.compress(bytes(10_000_000)), content_encoding="gzip"), "content-encoding", False),
        (serve.image(b""), "empty", True),
        (serve.cut_off, "localhost", True),
        (serve.trickle, "too slow", True),
        (serve.silent, "too slow", True),
        (serve.status(404), "answers 404", False),
        (serve.status(403), "answers 403", False),
        (serve.status(304), "answers 304", False),
        (serve.status(500), "answers 500", True),
        (serve.status(302), "answers 302", False),
    ],
)
def test_bad_answers_are_named_and_end_in_time(
    server: PictureServer, fetcher: Fetcher, answer: serve.Answer, why: str, transient: bool
) -> None:
    server.answers["/a.png"] = answer
    began = monotonic()
    with pytest.raises(FetchError, match=why) as error:
        fetcher.fetch(server.url("/a.png"))
    assert error.value.transient == transient
    assert monotonic() - began < 2.5
    server.answers["/b.png"] = serve.image(PNG)
    assert fetcher.fetch(server.url("/b.png")).data == PNG  # the fetcher still works


@pytest.mark.parametrize("kind", ["application/octet-stream", "", "IMAGE/WebP"])
def test_what_buckets_say_of_pictures_is_accepted(server: PictureServer, fetcher: Fetcher, kind: str) -> None:
    server.answers["/a.png"] = serve.image(PNG, kind)
    assert fetcher.fetch(server.url("/a.png")).data == PNG


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("120", 120.0),
        ("999999999999", 6 * 3600.0),
        ("Fri, 31 Dec 1999 23:59:59 GMT", 0.0),
        ("soon", None),
        ("", None),
    ],
)
def test_retry_after_is_told(
    server: PictureServer, fetcher: Fetcher, header: str, seconds: float | None
) -> None:
    server.answers["/a.png"] = serve.status(429, retry_after=header)
    with pytest.raises(FetchError, match="429") as error:
        fetcher.fetch(server.url("/a.png"))
    assert error.value.transient
    assert error.value.retry_after_s == seconds


def test_an_unknown_name_and_a_closed_port_are_tried_again_later(fetcher: Fetcher) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
    for url in (f"http://localhost:{port}/", "http://nowhere.invalid/"):
        with pytest.raises(FetchError) as error:
            fetcher.fetch(url)
        assert error.value.transient


def test_tls_verifies_the_name_although_the_address_was_resolved_before(tmp_path: Path) -> None:
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    command = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=shop.test"
    subprocess.run(
        [
            *command.split(),
            "-addext",
            "subjectAltName=DNS:shop.test",
            "-keyout",
            str(key),
            "-out",
            str(certificate),
        ],
        check=True,
        capture_output=True,
    )
    asked: list[str | None] = []
    ours = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ours.load_cert_chain(certificate, key)
    ours.sni_callback = lambda connection, host, context: asked.append(host)
    with serve.picture_server(ours) as server:
        server.answers["/a.png"] = serve.image(PNG)
        policy = Policy(("shop.test", "other.test"), lambda host, port: ["127.0.0.1"])
        trust = ssl.create_default_context(cafile=str(certificate))
        with Fetcher(policy, LIMITS, tls=trust) as fetcher:
            assert fetcher.fetch(f"https://shop.test:{server.port}/a.png").data == PNG
            assert asked == ["shop.test"]
            assert server.seen[0][1]["host"] == f"shop.test:{server.port}"
            with pytest.raises(FetchError, match="certificate verify failed"):
                fetcher.fetch(f"https://other.test:{server.port}/a.png")
        with Fetcher(policy, LIMITS) as fetcher, pytest.raises(FetchError, match="certificate"):
            fetcher.fetch(f"https://shop.test:{server.port}/a.png")
