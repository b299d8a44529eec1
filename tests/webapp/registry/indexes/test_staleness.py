"""When a ready index is built again, and that workers which judge differently come to rest."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path

import numpy as np
import pytest
from pytest_django import Settings

from ml.retrieval.centres import SKETCHES_WEIGHT, SketchSum
from ml.serving import calibrating
from ml.sketch.doodles import doodles
from tests.factories import ProductFactory
from tests.support.live_release import live_now
from tests.support.tiny_recogniser import tiny_recogniser
from webapp.catalog.models import Product
from webapp.registry.indexes.builds import index_build_request
from webapp.registry.indexes.recogniser import FAILED, forget, recogniser_status
from webapp.registry.indexes.sketch_sums import sketch_sum_add
from webapp.registry.indexes.staleness import worth_rebuilding
from webapp.registry.models import IndexBuild, Release
from webapp.registry.models import SketchSum as Row
from webapp.registry.releases.building import release_follow_catalogue

pytestmark = pytest.mark.django_db

ENCODER = "e" * 64
Worker = Callable[[], Release | None]


@pytest.fixture(autouse=True)
def _short_calibration(monkeypatch: pytest.MonkeyPatch) -> None:
    """Calibrate with a few doodles: a test makes up to seven builds, and how well they judge does not matter here."""
    few = dict(islice(doodles().items(), 12))
    monkeypatch.setattr(calibrating, "doodles", lambda: few)
    monkeypatch.setattr(calibrating, "_NONSENSE", 1)


@pytest.fixture
def worker(settings: Settings, tmp_path: Path) -> Iterator[Callable[[str], Worker]]:
    """worker(name): follows the catalogue with the recogniser `one` or `other`, with one that fails, or with `none`."""
    folders: dict[str, Path | None] = {
        "one": tiny_recogniser(tmp_path / "one"),
        "other": tiny_recogniser(tmp_path / "other", seed=1),
        "failing": tiny_recogniser(tmp_path / "failing"),
        "none": None,
    }
    (tmp_path / "failing" / "recogniser.int8.onnx").write_bytes(b"altered")
    (tmp_path / "failing" / "recogniser.fp32.onnx").write_bytes(b"altered")

    def make(name: str) -> Worker:
        def follow() -> Release | None:
            settings.RECOGNISER_DIR = folders[name]
            forget()
            assert (recogniser_status() == FAILED) is (name == "failing")
            return release_follow_catalogue()

        return follow

    yield make
    forget()


def calibrated_for(build: IndexBuild) -> str:
    build.refresh_from_db()
    assert build.numbers is not None
    return str(build.numbers["recogniser_sha256"])


@pytest.mark.parametrize("without", ["failing", "none"])
def test_a_worker_without_a_recogniser_leaves_a_calibrated_index(
    products: list[Product],
    make_release: Callable[..., Release],
    worker: Callable[[str], Worker],
    without: str,
) -> None:
    sighted, blind = worker("one"), worker(without)
    make_release(centres=True)
    assert sighted() is not None, "the first index was built without a recogniser"
    assert [blind(), sighted(), blind(), sighted()] == [None] * 4
    ProductFactory(category=products[0].category, photo__seed=60)
    release = blind()
    assert release is not None
    assert calibrated_for(release.index_build) == ""
    repaired = sighted()
    assert repaired is not None
    assert calibrated_for(repaired.index_build) != ""
    assert [blind(), sighted(), blind(), sighted()] == [None] * 4
    assert live_now().id == repaired.pk


def test_workers_with_different_recognisers_do_not_take_turns(
    products: list[Product], make_release: Callable[..., Release], worker: Callable[[str], Worker]
) -> None:
    one, other = worker("one"), worker("other")
    make_release(centres=True)
    assert one() is not None
    newer = other()
    assert newer is not None, "as in an upgrade"
    assert [one(), other(), one(), other()] == [None] * 4
    assert live_now().id == newer.pk
    ProductFactory(category=products[0].category, photo__seed=60)
    assert one() is not None
    assert other() is not None
    assert [one(), other(), one(), other()] == [None] * 4, "nor after a change of the catalogue"


def test_an_encoder_without_centres_is_not_built_again_for_a_recogniser_or_sketches(
    products: list[Product],
    make_release: Callable[..., Release],
    worker: Callable[[str], Worker],
    settings: Settings,
) -> None:
    settings.LEARN_FROM_SKETCHES = True
    release = make_release()
    sketch_sum_add(live_now().encoder.sha256, SketchSum(500, np.zeros(4)))
    assert worker("one")() is None
    assert worker("other")() is None
    assert index_build_request(model=release.model) == release.index_build


@pytest.mark.parametrize(
    ("n_then", "n_new", "worth"),
    [
        (0, 19, False),
        (0, 20, True),
        (100, 49, False),
        (100, 50, True),
        (1_400, 699, False),
        (1_400, 700, True),
        (SKETCHES_WEIGHT, 999, False),
        (SKETCHES_WEIGHT, 1_000, True),
        (50_000, 999, False),
        (50_000, 1_000, True),
    ],
)
def test_half_as_many_new_sketches_as_weighed_are_worth_a_build(
    settings: Settings, n_then: int, n_new: int, worth: bool
) -> None:
    settings.LEARN_FROM_SKETCHES = True
    assert not worth_rebuilding(ENCODER, n_then), "there is no sum"
    sketch_sum_add(ENCODER, SketchSum(n_then, np.zeros(4)))
    assert not worth_rebuilding(ENCODER, n_then)
    for part in (n_new // 2, n_new - n_new // 2):  # as processes add them, minute by minute
        sketch_sum_add(ENCODER, SketchSum(part, np.zeros(4)))
    assert worth_rebuilding(ENCODER, n_then) is worth
    settings.LEARN_FROM_SKETCHES = False
    assert not worth_rebuilding(ENCODER, n_then)


def test_a_sum_that_was_deleted_counts_again_from_its_beginning(settings: Settings) -> None:
    settings.LEARN_FROM_SKETCHES = True
    sketch_sum_add(ENCODER, SketchSum(1_000, np.zeros(4)))
    Row.objects.all().delete()
    sketch_sum_add(ENCODER, SketchSum(19, np.zeros(4)))
    assert not worth_rebuilding(ENCODER, 1_000)
    sketch_sum_add(ENCODER, SketchSum(1, np.zeros(4)))
    assert worth_rebuilding(ENCODER, 1_000)


def test_new_sketches_alone_build_an_index_however_many_were_counted_before(
    products: list[Product], make_release: Callable[..., Release], settings: Settings
) -> None:
    settings.LEARN_FROM_SKETCHES = True
    make_release(centres=True)
    encoder = live_now().encoder
    for n in (1_500, 750, 1_000, 1_000):
        total = np.full(encoder.embedding_dim, 300.0) * min(n, SKETCHES_WEIGHT)
        sketch_sum_add(encoder.sha256, SketchSum(n, total))
        assert release_follow_catalogue() is not None, f"after {n} more"
        assert release_follow_catalogue() is None
    centres = live_now().index.centres
    assert centres is not None
    assert centres.n_sketches == 4_250
