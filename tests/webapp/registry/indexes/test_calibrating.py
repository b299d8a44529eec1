"""Indexes of encoders that take centres are calibrated on their catalogue; searches are judged by that."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.test import Client

from ml.errors import IndexMismatchError
from ml.retrieval.calibration import CALIBRATION, Calibration
from tests.support.live_release import live_now
from tests.support.tiny_recogniser import tiny_recogniser
from webapp.catalog.models import Product
from webapp.registry.indexes import photos
from webapp.registry.indexes.builds import index_build_request
from webapp.registry.indexes.opening import open_encoder, open_index
from webapp.registry.indexes.recogniser import forget, recogniser
from webapp.registry.models import Release
from webapp.stores import artifacts

pytestmark = pytest.mark.django_db

SKETCH = {"width": 100, "height": 100, "strokes": [[[10, 10], [90, 10], [90, 90]]]}


@pytest.fixture
def _recogniser(settings: Any, tmp_path: Path) -> Iterator[None]:
    settings.RECOGNISER_DIR = tiny_recogniser(tmp_path / "recogniser")
    forget()
    yield
    forget()


def answered(client: Client, **query: object) -> dict[str, Any]:
    response = client.post("/api/v1/search", {"sketch": SKETCH, **query}, content_type="application/json")
    assert response.status_code == 200
    found: dict[str, Any] = response.json()
    return found


def test_only_encoders_that_take_centres_are_calibrated(
    products: list[Product], make_release: Callable[..., Release]
) -> None:
    make_release()
    assert live_now().index.calibration is None
    make_release(seed=1, centres=True)
    calibration = live_now().index.calibration
    assert calibration is not None
    assert calibration.named is None


@pytest.mark.usefixtures("_recogniser")
def test_with_a_recogniser_names_are_calibrated_and_answers_judged_by_it(
    products: list[Product], make_release: Callable[..., Release], client: Client
) -> None:
    make_release(centres=True, score_words={"strong": 1.0, "fair": 1.0}, nothing_close_below=1.0)
    known, calibration = recogniser(), live_now().index.calibration
    assert known is not None
    assert calibration is not None
    assert calibration.named is not None
    assert calibration.recogniser_sha256 == known.sha256
    nothing = [
        answered(client, **query)["nothing_close"] for query in ({}, {"name": "chair"}, {"by_shape": True})
    ]
    assert all(isinstance(each, bool) for each in nothing)


def test_words_come_from_the_calibration(
    products: list[Product], make_release: Callable[..., Release], client: Client
) -> None:
    release = make_release(centres=True)
    rewritten(release, {"cosine": 0.0, "margin": 0.0, "behind": 0.0}, intercept=5.0, nothing_below=0.1)
    body = answered(client)
    assert {result["match"] for result in body["results"]} == {"strong"}
    assert body["nothing_close"] is False
    rewritten(release, {"cosine": 0.0, "margin": 0.0, "behind": 0.0}, intercept=-5.0, nothing_below=0.1)
    body = answered(client)
    assert {result["match"] for result in body["results"]} == {"weak"}
    assert body["nothing_close"] is True


def rewritten(release: Release, weights: dict[str, float], **judge: float) -> None:
    """Replace the calibration in memory by one that was read from a file."""
    folder = artifacts.local_folder(release.index_build.folder, [])
    path = folder / "other.json"
    raw = json.loads((folder / CALIBRATION).read_text())
    path.write_text(json.dumps({**raw, "shape": {"weights": weights, **judge}}))
    live = live_now()
    live.search.index = replace(live.search.index, calibration=Calibration.read(path))


def test_an_altered_calibration_is_refused(
    products: list[Product], make_release: Callable[..., Release]
) -> None:
    release = make_release(centres=True)
    path = artifacts.local_folder(release.index_build.folder, []) / CALIBRATION
    path.write_bytes(path.read_bytes() + b" ")
    with pytest.raises(IndexMismatchError, match="altered"):
        open_index(release.index_build, open_encoder(release.index_build.model))


def test_a_build_is_repeated_for_another_recogniser(
    products: list[Product],
    make_release: Callable[..., Release],
    settings: Any,
    tmp_path: Path,
) -> None:
    release = make_release(centres=True)
    build = release.index_build
    assert index_build_request(model=build.model) == build
    settings.RECOGNISER_DIR = tiny_recogniser(tmp_path / "recogniser")
    forget()
    try:
        assert index_build_request(model=build.model) != build
    finally:
        forget()


def test_an_empty_catalogue_has_nothing_to_calibrate(
    db: None, make_release: Callable[..., Release], client: Client
) -> None:
    make_release(centres=True)
    assert live_now().index.calibration is None
    assert np.array_equal(live_now().index.ids, [])
    assert answered(client)["nothing_close"] is True


@pytest.mark.usefixtures("_recogniser")
def test_a_build_reads_thumbnails_and_edges_and_no_whole_photo(
    products: list[Product], make_release: Callable[..., Release], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(photos, "photo_read", lambda photo: pytest.fail(f"read {photo.file}"))
    make_release(centres=True)
    assert live_now().index.calibration is not None
