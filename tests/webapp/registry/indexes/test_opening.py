"""Opening a release's files, and what is accepted if processors compute with other numbers."""

from __future__ import annotations

import json
import os
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.test import Client

from ml.errors import IndexMismatchError
from ml.serving.encoder import Encoder
from tests.support.live_release import live_now
from tests.support.tiny_model import tiny_model
from webapp.catalog.models import Photo
from webapp.registry.gates.compared import ComparedRelease
from webapp.registry.indexes.builds import index_build, index_build_request
from webapp.registry.indexes.opening import AlteredError, open_encoder, open_index, open_release
from webapp.registry.models import IndexBuild, Release
from webapp.registry.releases import live
from webapp.registry.releases.annotation_features import release_features
from webapp.registry.releases.building import release_build, release_follow_catalogue
from webapp.registry.releases.services import model_register, release_create, release_promote
from webapp.stores import artifacts

pytestmark = pytest.mark.django_db

SKETCH = {"width": 100, "height": 100, "strokes": [[[10, 10], [90, 10], [90, 90]]]}


def rewritten(build: IndexBuild, **changes: Any) -> None:
    """Change a build's manifest and its registered hash accordingly."""
    path = artifacts.local_folder(build.folder, []) / "manifest.json"
    raw = {**json.loads(path.read_text()), **changes}
    path.write_text(json.dumps({key: value for key, value in raw.items() if value is not ...}))
    digest = sha256(path.read_bytes()).hexdigest()
    numbers = None if changes.get("numbers") is ... else changes.get("numbers", build.numbers)
    IndexBuild.objects.filter(pk=build.pk).update(sha256=digest, numbers=numbers)
    Release.objects.filter(index_build=build).update(index_sha256=digest)
    build.refresh_from_db()


def wrong_rows(build: IndexBuild) -> None:
    """Give a build the embeddings of an encoder that computes differently."""
    path = artifacts.local_folder(build.folder, []) / "embeddings.npy"
    rng = np.random.default_rng(0)
    rows = rng.normal(size=np.load(path).shape).astype(np.float32)
    np.save(path, (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float16))
    manifest = json.loads((path.parent / "manifest.json").read_text())
    files = {**manifest["files"], path.name: sha256(path.read_bytes()).hexdigest()}
    rewritten(build, files=files, numbers=...)


def test_every_use_of_an_index_refuses_one_that_was_altered(release: Release, products: list[Any]) -> None:
    path = artifacts.local_folder(release.index_build.folder, []) / "manifest.json"
    path.write_text(path.read_text() + " ")
    encoder = open_encoder(release.model)
    for use in (
        lambda: open_index(release.index_build, encoder),
        lambda: open_release(release),
        lambda: ComparedRelease(release),
        lambda: release_features([], products),
    ):
        with pytest.raises(AlteredError, match="altered"):
            use()


def test_embeddings_of_an_altered_index_are_not_reused(
    release: Release, folder: Path, encoded: list[int]
) -> None:
    path = artifacts.local_folder(release.index_build.folder, []) / "manifest.json"
    path.write_text(path.read_text() + " ")
    IndexBuild.objects.update(catalogue_sha256="0" * 64)
    release_build(folder=folder)
    assert sum(encoded) == 12, "every photo was encoded anew"


def test_nothing_else_opens_an_index(request: pytest.FixtureRequest) -> None:
    rooms = [request.config.rootpath / room for room in ("webapp", "annotation", "tools")]
    found = {
        path.name for room in rooms for path in room.rglob("*.py") if "GalleryIndex.open(" in path.read_text()
    }
    # The others work on a build before it is registered.
    assert found == {"opening.py", "calibrating.py", "check.py", "greeting.py"}


def test_an_index_records_the_numbers_that_it_was_built_with(release: Release) -> None:
    numbers = live_now().index.manifest.numbers
    assert numbers
    assert release.index_build.numbers
    assert (numbers.precision, numbers.sound) == ("fp32", True)
    assert numbers.least_mean_cosine == pytest.approx(1, abs=1e-3)
    assert release.index_build.numbers["precision"] == "fp32"


def test_replicas_in_int8_and_fp32_share_an_index(products: list[Any], tmp_path: Path) -> None:
    """With a model whose int8 is right on one processor and wrong on another, both replicas give the same answers."""
    built = release_build(folder=tiny_model(tmp_path / "model", precision="int8"))[0]
    assert live_now().precision == "int8"
    wrong = Encoder.load(tiny_model(tmp_path / "there", precision="int8", int8_seed=5))
    right = open_encoder(built.model)
    wrong.sha256 = right.sha256  # the same model, whose int8 file computes differently there
    assert (right.precision, wrong.precision) == ("int8", "fp32")
    numbers = open_index(built.index_build, wrong).manifest.numbers
    assert numbers
    assert numbers.precision == "int8"


def test_an_index_of_wrong_numbers_never_answers(
    release: Release, tmp_path: Path, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If a wrong encoder built the next release, the replica keeps its own and reports it."""
    assert live_now().id == release.pk
    other = model_register(folder=tiny_model(tmp_path / "other", seed=1))
    build = index_build_request(model=other)
    index_build(build=build)
    build.refresh_from_db()
    rewritten(build, numbers={"precision": "int8", "least_mean_cosine": 0.58, "sound": False})
    release_promote(release=release_create(index_build=build))
    with pytest.raises(IndexMismatchError, match="numbers"):
        live._follower.refresh()
    assert not live._follower._try_refresh()
    monkeypatch.setattr(live, "POLL_S", 60.0)  # as between two attempts of the thread
    monkeypatch.setattr(live._follower, "_loaded_pid", os.getpid())
    assert live_now().id == release.pk
    reported = client.get("/readyz").json()
    assert reported["ready"] is True
    assert reported["live_release"].startswith("behind")

    monkeypatch.setattr(live, "POLL_S", 0.0)
    repaired = release_follow_catalogue()  # as triggered by beat
    assert repaired is not None
    assert live_now().id == repaired.pk
    numbers = live_now().index.manifest.numbers
    assert numbers
    assert numbers.sound


def test_an_index_without_recorded_numbers_is_compared_with_its_photos(release: Release) -> None:
    rewritten(release.index_build, numbers=...)
    assert len(open_release(Release.objects.get(pk=release.pk)).index) == 12
    wrong_rows(release.index_build)
    with pytest.raises(IndexMismatchError, match="to their rows"):
        open_release(Release.objects.get(pk=release.pk))


def test_an_index_without_recorded_numbers_is_built_again(release: Release, encoded: list[int]) -> None:
    rewritten(release.index_build, numbers=...)
    encoded.clear()
    again = release_follow_catalogue()
    assert again is not None
    assert sum(encoded) == 12, "none of its embeddings is copied"
    assert release_follow_catalogue() is None, "once"


def test_a_deleted_photo_does_not_hide_an_index(release: Release, monkeypatch: pytest.MonkeyPatch) -> None:
    rewritten(release.index_build, numbers=...)
    monkeypatch.setattr(Photo.objects, "filter", Photo.objects.none().filter)
    assert len(open_release(Release.objects.get(pk=release.pk)).index) == 12
