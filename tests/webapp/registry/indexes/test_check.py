"""An index that does not match its photos is refused before it can be searched."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ml.errors import IndexMismatchError
from ml.retrieval.builder import IndexBuilder
from ml.serving.encoder import Encoder
from tests.support.tiny_model import tiny_model
from webapp.catalog.models import Product
from webapp.registry.indexes.catalogue import gallery_photos
from webapp.registry.indexes.check import index_check
from webapp.registry.indexes.photos import photos_encode
from webapp.registry.models import IndexBuild
from webapp.registry.releases.building import release_build


@pytest.fixture
def encoder(tmp_path: Path) -> Encoder:
    return Encoder.load(tiny_model(tmp_path / "model"))


@pytest.fixture
def build(products: list[Product], encoder: Encoder, tmp_path: Path) -> Callable[..., Path]:
    """build(wrong): an index of all photos, whose arrays `wrong` has changed."""

    def make(wrong: Any = lambda batch: None) -> Path:
        batch = photos_encode(encoder, list(gallery_photos()))
        arrays = {
            name: np.array(getattr(batch, name)) for name in ("ids", "embeddings", "hash_codes", "keys")
        }
        wrong(arrays)
        sizes: dict[str, Any] = {"code_length": encoder.code_length, "embedding_dim": encoder.embedding_dim}
        builder = IndexBuilder(tmp_path / "work", encoder_sha256=encoder.sha256, **sizes)
        builder.add(*arrays.values())
        builder.finish(tmp_path / "index", built_at="2026-01-01T00:00:00Z")
        return tmp_path / "index"

    return make


def check(folder: Path, encoder: Encoder, n_skipped: int = 0) -> None:
    index_check(folder, encoder=encoder, photos=list(gallery_photos()), n_skipped=n_skipped)


def test_a_true_index_passes(build: Callable[..., Path], encoder: Encoder) -> None:
    check(build(), encoder)


def test_an_empty_index_passes(db: None, encoder: Encoder, tmp_path: Path) -> None:
    builder = IndexBuilder(tmp_path / "work", encoder_sha256=encoder.sha256, code_length=64, embedding_dim=32)
    builder.finish(tmp_path / "index", built_at="2026-01-01T00:00:00Z")
    check(tmp_path / "index", encoder)


def test_photos_are_counted(build: Callable[..., Path], encoder: Encoder) -> None:
    def without_one(arrays: Any) -> None:
        for name, array in arrays.items():
            arrays[name] = array[1:]

    folder = build(without_one)
    with pytest.raises(IndexMismatchError, match=r"n: 11 photos, expected 12"):
        check(folder, encoder)
    check(folder, encoder, n_skipped=1)


def test_an_unexpected_photo_is_found(build: Callable[..., Path], encoder: Encoder) -> None:
    def rename(arrays: Any) -> None:
        arrays["ids"][3] = 999_999

    with pytest.raises(IndexMismatchError, match="999999 does not belong"):
        check(build(rename), encoder)


def test_rows_of_other_photos_are_found(build: Callable[..., Path], encoder: Encoder) -> None:
    def shift(arrays: Any) -> None:
        arrays["embeddings"][:] = np.roll(arrays["embeddings"], 1, axis=0)

    with pytest.raises(IndexMismatchError, match="to itself"):
        check(build(shift), encoder)


def test_an_altered_file_is_found(build: Callable[..., Path], encoder: Encoder) -> None:
    folder = build()
    data = bytearray((folder / "codes.npy").read_bytes())
    data[-1] ^= 1
    (folder / "codes.npy").write_bytes(data)
    with pytest.raises(IndexMismatchError, match="altered"):
        check(folder, encoder)


def test_a_build_that_fails_its_check_makes_no_release(
    products: list[Product], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("webapp.registry.indexes.builds.index_check", _refused)
    with pytest.raises(IndexMismatchError):
        release_build(folder=tiny_model(tmp_path / "model"))
    build = IndexBuild.objects.get()
    assert (build.status, build.folder) == ("failed", "")
    assert "codes" in build.error


def _refused(*_: object, **__: object) -> None:
    raise IndexMismatchError("codes", "photo 1 does not find itself")
