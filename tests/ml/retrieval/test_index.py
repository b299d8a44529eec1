from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from ml.errors import IndexMismatchError
from ml.retrieval.builder import IndexBuilder
from ml.retrieval.centres import CENTRES, Centres
from ml.retrieval.index import GalleryIndex

ENCODER, OTHER = "e" * 64, "f" * 64
SETTINGS: dict[str, Any] = {"encoder_sha256": ENCODER, "code_length": 64, "embedding_dim": 4}


def batch(start: int, n: int = 5) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:
    rng = np.random.default_rng(start)
    return np.arange(start, start + n), rng.normal(size=(n, 4)), rng.integers(0, 256, (n, 8), dtype=np.uint8)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    builder = IndexBuilder(tmp_path / "work", **SETTINGS)
    builder.add(*batch(0))
    builder.add(*batch(5))
    builder.finish(tmp_path / "index", built_at="2026-01-01T00:00:00Z")
    return tmp_path / "index"


def open_index(folder: Path, encoder: str = ENCODER, code_length: int = 64) -> GalleryIndex:
    return GalleryIndex.open(folder, expect_encoder_sha256=encoder, expect_code_length=code_length)


def test_added_rows_are_read_back_in_order(folder: Path) -> None:
    index = open_index(folder)
    assert index.ids.tolist() == list(range(10))
    assert (index.codes == np.concatenate([batch(0)[2], batch(5)[2]])).all()
    assert np.allclose(index.embeddings, np.concatenate([batch(0)[1], batch(5)[1]]), atol=2e-3)
    assert index.embeddings.dtype == np.float16
    assert not (folder.parent / "work").exists()


@pytest.mark.parametrize(
    ("expected", "field"), [({"encoder": OTHER}, "encoder_sha256"), ({"code_length": 128}, "code_length")]
)
def test_another_encoder_or_code_length_is_refused(folder: Path, expected: Any, field: str) -> None:
    with pytest.raises(IndexMismatchError) as refusal:
        open_index(folder, **expected)
    assert refusal.value.field == field


@pytest.mark.parametrize("name", ["ids.npy", "codes.npy", "embeddings.npy", "keys.npy"])
def test_an_altered_or_missing_file_is_refused(folder: Path, name: str) -> None:
    data = bytearray((folder / name).read_bytes())
    data[-1] ^= 1
    (folder / name).write_bytes(data)
    with pytest.raises(IndexMismatchError, match="altered"):
        open_index(folder)
    (folder / name).unlink()
    with pytest.raises(IndexMismatchError, match="missing"):
        open_index(folder)


@pytest.mark.parametrize(
    "change",
    [
        {"n": 9},
        {"embedding_dim": 5},
        {"n": "10"},
        {"files": {}},
        {"files": {"../secret": "0" * 64}},
        {"encoder_sha256": None},
    ],
)
def test_a_manifest_that_contradicts_the_files_is_refused(folder: Path, change: Any) -> None:
    manifest = json.loads((folder / "manifest.json").read_text())
    (folder / "manifest.json").write_text(json.dumps({**manifest, **change}))
    with pytest.raises(IndexMismatchError):
        open_index(folder)


@pytest.mark.parametrize("text", ["", "[]", "{", "null", '{"n": 3}'])
def test_a_file_that_is_not_a_manifest_is_refused(folder: Path, text: str) -> None:
    (folder / "manifest.json").write_text(text)
    with pytest.raises(IndexMismatchError):
        open_index(folder)


def test_a_killed_build_continues_after_its_last_complete_shard(tmp_path: Path, folder: Path) -> None:
    killed = IndexBuilder(tmp_path / "again", **SETTINGS)
    killed.add(*batch(0))
    (tmp_path / "again" / ".shard-000001.npz.aside").write_bytes(b"half a shard")

    resumed = IndexBuilder(tmp_path / "again", **SETTINGS)
    assert resumed.done_ids().tolist() == [0, 1, 2, 3, 4]
    resumed.add(*batch(5))
    resumed.finish(tmp_path / "index2", built_at="2026-01-01T00:00:00Z")
    assert open_index(tmp_path / "index2").manifest == open_index(folder).manifest


def test_a_build_killed_while_finishing_can_be_finished(tmp_path: Path) -> None:
    builder = IndexBuilder(tmp_path / "work", **SETTINGS)
    builder.add(*batch(0))
    (tmp_path / ".index.aside").mkdir()
    (tmp_path / ".index.aside" / "ids.npy").write_bytes(b"left behind")
    builder.finish(tmp_path / "index", built_at="2026-01-01T00:00:00Z")
    assert open_index(tmp_path / "index").ids.tolist() == [0, 1, 2, 3, 4]


def test_keys_are_read_back(tmp_path: Path) -> None:
    builder = IndexBuilder(tmp_path / "work", **SETTINGS)
    keys = np.arange(80, dtype=np.uint8).reshape(5, 16)
    builder.add(*batch(0), keys=keys)
    builder.add(*batch(5))
    builder.finish(tmp_path / "index", built_at="2026-01-01T00:00:00Z")
    assert (open_index(tmp_path / "index").keys == np.concatenate([keys, np.zeros((5, 16))])).all()


def test_a_build_started_with_another_encoder_is_refused(tmp_path: Path) -> None:
    IndexBuilder(tmp_path / "work", **SETTINGS)
    with pytest.raises(IndexMismatchError, match="started with another"):
        IndexBuilder(tmp_path / "work", **{**SETTINGS, "encoder_sha256": OTHER})


def test_a_batch_of_wrong_shape_or_not_finite_is_refused(tmp_path: Path) -> None:
    builder = IndexBuilder(tmp_path / "work", **SETTINGS)
    ids, embeddings, codes = batch(0)
    with pytest.raises(ValueError, match="expected"):
        builder.add(ids, embeddings[:, :3], codes)
    with pytest.raises(ValueError, match="expected"):
        builder.add(ids, embeddings, codes[:, :4])
    with pytest.raises(ValueError, match="finite"):
        builder.add(ids, embeddings * np.nan, codes)


def test_an_index_is_never_overwritten(folder: Path) -> None:
    builder = IndexBuilder(folder.parent / "work", **SETTINGS)
    builder.add(*batch(100))
    with pytest.raises(OSError):
        builder.finish(folder, built_at="2026-01-01T00:00:00Z")
    assert open_index(folder).ids.tolist() == list(range(10))


def centres(dim: int = 4) -> Centres:
    return Centres.estimated(np.random.default_rng(9).normal(size=(3, dim)), 10)


@pytest.fixture
def centred(tmp_path: Path) -> Path:
    """An index of an encoder that takes centres."""
    builder = IndexBuilder(tmp_path / "work", **SETTINGS)
    builder.add(*batch(0))
    builder.finish(tmp_path / "centred", built_at="2026-01-01T00:00:00Z", centres=centres())
    return tmp_path / "centred"


def listed(folder: Path, **files: str) -> None:
    """Change what the manifest lists."""
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["files"] = {name: sha for name, sha in {**manifest["files"], **files}.items() if sha}
    (folder / "manifest.json").write_text(json.dumps(manifest))


def test_centres_are_read_back(centred: Path, folder: Path) -> None:
    found = open_index(centred).centres
    assert found is not None
    assert found.content() == centres().content()
    assert open_index(folder).centres is None


def test_altered_or_missing_centres_are_refused(centred: Path) -> None:
    (centred / CENTRES).write_bytes(Centres.estimated(np.ones((3, 4)), 10).content())
    with pytest.raises(IndexMismatchError, match="altered"):
        open_index(centred)
    (centred / CENTRES).unlink()
    with pytest.raises(IndexMismatchError, match="missing"):
        open_index(centred)


def test_centres_of_another_length_are_refused(centred: Path) -> None:
    content = centres(5).content()
    (centred / CENTRES).write_bytes(content)
    listed(centred, **{CENTRES: sha256(content).hexdigest()})
    with pytest.raises(IndexMismatchError, match="other lengths"):
        open_index(centred)


def test_a_file_that_the_manifest_does_not_list_is_not_read(centred: Path) -> None:
    listed(centred, **{CENTRES: ""})
    assert open_index(centred).centres is None


def test_a_manifest_that_lists_other_files_is_refused(centred: Path) -> None:
    listed(centred, **{"more.npz": "0" * 64})
    with pytest.raises(IndexMismatchError, match="files"):
        open_index(centred)
