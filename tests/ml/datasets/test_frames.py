"""Frames: cropped as configured, decoded once, never written partially."""

import os
import shutil
from pathlib import Path

import cv2
import numpy as np
import pytest

from ml.datasets.formats import open_dataset
from ml.datasets.frames import FrameSpec, frames
from ml.errors import ConfigError, DatasetError
from tests.support.layouts import outline, write

SPEC = FrameSpec(size_px=48)


def ink_box(image: np.ndarray) -> tuple[int, int, int, int]:
    rows, columns = np.nonzero(image < 128)
    return int(columns.min()), int(rows.min()), int(columns.max()), int(rows.max())


def test_shapes_and_rows(qmul_v1: Path) -> None:
    dataset = open_dataset("qmul-v1", qmul_v1)
    assert frames(dataset, "photo", [0, 5], SPEC).shape == (2, 48, 48, 3)
    everything = frames(dataset, "sketch", None, SPEC)
    assert everything.shape == (24, 48, 48)
    assert not everything.flags.writeable
    rows = dataset.sketch_rows("test")
    assert np.array_equal(frames(dataset, "sketch", rows, SPEC), everything[rows])


def test_images_are_decoded_once(qmul_v1: Path, cache: Path) -> None:
    dataset = open_dataset("qmul-v1", qmul_v1)
    first = frames(dataset, "photo", [3], SPEC)
    for split in ("train", "test"):
        shutil.rmtree(qmul_v1 / split / "images")
    assert np.array_equal(frames(dataset, "photo", [3], SPEC), first)
    assert len(list(cache.rglob("*.npy"))) == 1
    with pytest.raises(DatasetError, match=r"train/images/1\.jpg"):  # another frame size needs the images
        frames(dataset, "photo", [3], FrameSpec(size_px=40))
    assert [path.suffix for path in cache.rglob("*") if path.is_file()] == [".npy"]


def test_changed_content_gets_new_frames(qmul_v1: Path) -> None:
    before = frames(open_dataset("qmul-v1", qmul_v1), "sketch", [0], SPEC)
    write(qmul_v1 / "train" / "sketches" / "1.png", outline(77))
    assert not np.array_equal(frames(open_dataset("qmul-v1", qmul_v1), "sketch", [0], SPEC), before)


@pytest.mark.parametrize("damage", [b"", b"not numpy", None])
def test_a_damaged_cache_file_is_rebuilt(qmul_v1: Path, cache: Path, damage: bytes | None) -> None:
    dataset = open_dataset("qmul-v1", qmul_v1)
    first = frames(dataset, "edge", [1, 2], SPEC)
    (kept,) = cache.rglob("*.npy")
    kept.write_bytes(kept.read_bytes()[:-100] if damage is None else damage)
    assert np.array_equal(frames(dataset, "edge", [1, 2], SPEC), first)


def test_ink_fills_the_frame_inside_the_margin(qmul_v1: Path) -> None:
    dataset = open_dataset("qmul-v1", qmul_v1)
    spec = FrameSpec(size_px=100, squareness=1.0, margin=0.1)
    for kind in ("sketch", "edge"):
        for image in frames(dataset, kind, [0, 9], spec):
            assert ink_box(image) == pytest.approx((10, 10, 90, 90), abs=3)


def test_photo_and_edge_map_coincide(qmul_v1: Path) -> None:
    dataset = open_dataset("qmul-v1", qmul_v1)
    rows = dataset.photo_rows("test")
    spec = FrameSpec(size_px=100)
    for photo, edge in zip(
        frames(dataset, "photo", rows, spec), frames(dataset, "edge", rows, spec), strict=True
    ):
        assert ink_box(np.where(photo.min(axis=2) < 240, 0, 255)) == pytest.approx(ink_box(edge), abs=5)


def test_uncropped_frames_are_the_images(qmul_v1: Path) -> None:
    dataset = open_dataset("qmul-v1", qmul_v1)
    whole = FrameSpec(size_px=64, crop="none", squareness=0.0, margin=0.0)
    assert np.array_equal(frames(dataset, "photo", [2], whole)[0], dataset.photo(2))
    assert np.array_equal(frames(dataset, "sketch", [2], whole)[0], dataset.sketch(2))


def test_widening_changes_lines_but_not_photos(qmul_v1: Path) -> None:
    dataset = open_dataset("qmul-v1", qmul_v1)
    thick = FrameSpec(size_px=48, dilate_px=1)
    thin = frames(dataset, "sketch", [0], SPEC)[0]
    grown = frames(dataset, "sketch", [0], thick)[0]
    assert np.array_equal(grown, cv2.erode(thin, np.ones((3, 3), np.uint8)))
    assert np.array_equal(frames(dataset, "photo", [0], thick), frames(dataset, "photo", [0], SPEC))


def test_strokes_are_drawn_at_the_set_width(snapshot: Path) -> None:
    dataset = open_dataset("snapshot", snapshot)
    thin, thick = (
        frames(dataset, "sketch", [0], FrameSpec(size_px=96, stroke_width_px=width))[0]
        for width in (1.5, 5.0)
    )
    assert (thick < 128).sum() > 2 * (thin < 128).sum()


def test_object_crop_ignores_noise_in_released_edge_maps(qmul_v1: Path) -> None:
    edge = outline(1)
    edge[0, 0] = 0  # a speck in the corner
    write(qmul_v1 / "train" / "edges" / "1.png", edge)
    dataset = open_dataset("qmul-v1", qmul_v1)
    spec = FrameSpec(size_px=64, crop="object", squareness=1.0, margin=0.1)
    photo = frames(dataset, "photo", [0], spec)[0].min(axis=2)
    assert ink_box(photo) == pytest.approx((6, 6, 58, 58), abs=4)


@pytest.mark.parametrize(
    "wrong", [{"crop": "middle"}, {"size_px": 2}, {"margin": 0.6}, {"dilate_px": -1}, {"squareness": 2.0}]
)
def test_refused_settings(wrong: dict[str, object]) -> None:
    with pytest.raises(ConfigError):
        FrameSpec(**wrong)  # type: ignore[arg-type]


def test_an_interrupted_write_leaves_no_file(
    qmul_v1: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dataset = open_dataset("qmul-v1", qmul_v1)

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", interrupted)
    with pytest.raises(KeyboardInterrupt):
        frames(dataset, "sketch", [0], SPEC)
    assert not [path for path in cache.rglob("*") if path.is_file()]
