"""Limits on expensive uploads: concurrent ones per address, and per minute."""

from __future__ import annotations

import ast
import io
import threading
from pathlib import Path
from string import Formatter
from typing import Any

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import translation
from PIL import Image
from rest_framework.test import APIClient
from rest_framework.throttling import SimpleRateThrottle

import ml.errors
from tests.factories import picture
from webapp.registry.models import Release
from webapp.search import images
from webapp.search.apis import ImageSearchApi


def upload(api: APIClient, data: bytes, address: str = "192.0.2.7", language: str = "en") -> Any:
    file = SimpleUploadedFile("picture", data, content_type="image/png")
    return api.post(
        "/api/v1/search/image",
        {"image": file},
        format="multipart",
        REMOTE_ADDR=address,
        HTTP_ACCEPT_LANGUAGE=language,
    )


@pytest.mark.parametrize("form", ["HEIF", "TIFF"])
def test_photos_of_phones_and_scanners_are_searched(api: APIClient, release: Release, form: str) -> None:
    file = io.BytesIO()
    Image.open(io.BytesIO(picture(4))).convert("RGB").save(file, form)
    answer = upload(api, file.getvalue())
    assert (answer.status_code, answer.json()["mode"]) == (200, "photo")


def test_an_svg_is_recognised_by_its_content_and_searched_as_a_sketch(
    api: APIClient, release: Release
) -> None:
    drawing = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 90 90"><path {} d="M10 10L80 70"/></svg>'
    answer = upload(api, drawing.format('fill="none" stroke="red"').encode()).json()
    assert answer["mode"] == "sketch"
    assert len(answer["sketch"]["strokes"]) == 1
    refused = upload(api, drawing.format('fill="none"').encode())
    assert refused.status_code == 400
    assert refused.json()["errors"] == [{"field": "image", "message": "this SVG draws no lines"}]


def test_reasons_are_given_in_the_visitors_language(api: APIClient, release: Release) -> None:
    refused = upload(api, b"<svg/>", language="de").json()
    assert refused["errors"] == [{"field": "image", "message": "Dieses SVG zeichnet keine Linien"}]
    assert refused["detail"] == "image: Dieses SVG zeichnet keine Linien"
    small = io.BytesIO()
    Image.new("L", (4, 4)).save(small, "PNG")
    assert (
        upload(api, small.getvalue(), language="de").json()["detail"]
        == "image: 4 x 4 Pixel, mindestens 8 pro Seite"
    )


def test_every_reason_that_visitors_see_is_translated() -> None:
    """With the same values as in English."""
    root = Path(ml.errors.__file__).parent
    calls = (
        node.args[0]
        for path in root.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "gettext_noop"
    )
    texts = {ast.literal_eval(text) for text in calls}
    assert len(texts) > 10
    with translation.override("de"):
        for text in texts:
            assert translation.gettext(text) != text
            assert _values(translation.gettext(text)) == _values(text)


def _values(template: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(template) if name}


def test_a_small_file_of_many_pixels_is_refused_by_name(api: APIClient, release: Release) -> None:
    """38 bytes that would decode to 96 MB."""
    file = io.BytesIO()
    Image.new("RGBA", (4898, 4898)).save(file, "WEBP", lossless=True, method=0)
    assert len(file.getvalue()) < 10_000
    answer = upload(api, file.getvalue())
    assert (answer.status_code, answer.json()["field"]) == (400, "image")
    assert "4898 x 4898 pixels, at most 12600000 in total for a WEBP" in answer.json()["detail"]


def test_a_third_upload_at_once_of_one_address_is_refused_and_others_are_answered(
    api: APIClient, release: Release
) -> None:
    with images._counting:
        images._in_progress["192.0.2.7"] = 2
    try:
        refused = upload(api, picture(4))
        assert (refused.status_code, refused["Retry-After"]) == (429, "1")
        assert upload(api, picture(4), address="192.0.2.8").status_code == 200
    finally:
        del images._in_progress["192.0.2.7"]


def test_only_one_image_is_read_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    at_once, most = [0], [0]
    begun = threading.Event()

    def read() -> None:
        with images._turn(threading.current_thread().name):
            at_once[0] += 1
            most[0] = max(most[0], at_once[0])
            begun.wait(0.05)
            at_once[0] -= 1

    threads = [threading.Thread(target=read, name=f"192.0.2.{n}") for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == [1]
    assert not images._in_progress


def test_more_uploads_than_can_wait_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with images._counting:
        images._in_progress.update({f"192.0.2.{n}": 1 for n in range(4)})
    try:
        with pytest.raises(images.ImagesBusyError), images._turn("192.0.2.9"):
            pass
    finally:
        images._in_progress.clear()


def test_images_have_a_rate_of_their_own(
    api: APIClient, release: Release, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache.clear()
    scoped = ImageSearchApi.throttle_classes[-2]
    monkeypatch.setattr(
        scoped, "THROTTLE_RATES", {**SimpleRateThrottle.THROTTLE_RATES, "search_image": "2/min"}
    )
    statuses = [upload(api, b"no image", address="192.0.2.10").status_code for _ in range(3)]
    assert statuses == [400, 400, 429]
    sketch = {"width": 100, "height": 100, "strokes": [[[10, 10], [90, 90]]]}
    answer = api.post("/api/v1/search", {"sketch": sketch}, format="json", REMOTE_ADDR="192.0.2.10")
    assert answer.status_code == 200
