"""Pictures, as served by the site itself."""

from __future__ import annotations

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage, storages
from django.test import Client

pytestmark = pytest.mark.django_db


def test_pictures_may_be_cached_forever(client: Client) -> None:
    default_storage.save("photos/ab/x.webp", ContentFile(b"RIFF"))
    answer = client.get("/media/photos/ab/x.webp")
    assert answer.content == b"RIFF"
    assert answer["Content-Type"] == "image/webp"
    assert "immutable" in answer["Cache-Control"]
    assert answer["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    "name",
    [
        "none.webp",
        "../private/x.webp",
        "%2e%2e/private/x.webp",
        "..%2fprivate%2fx.webp",
        "/etc/passwd",
        "x.html",
        "",
        "photos",
    ],
)
def test_nothing_else_is_served(client: Client, name: str) -> None:
    storages["private"].save("x.webp", ContentFile(b"secret"))
    default_storage.save("x.html", ContentFile(b"<script>"))
    assert client.get(f"/media/{name}").status_code == 404


def test_a_name_that_no_file_can_have_is_not_found(client: Client) -> None:
    assert client.get("/media/a%00.webp").status_code == 404


def test_only_reading(client: Client) -> None:
    assert client.post("/media/x.webp").status_code in {403, 405}
