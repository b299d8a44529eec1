"""Batches and augmentation of `triplet-san` and `dssa`."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from ml.datasets.frames import frames
from ml.datasets.pairs import PairDataset
from ml.images.deformation import GALLERY_ALONE, SKETCH_ALONE
from ml.sketch.raster import RasterSpec
from ml.systems.fine_grained.augment import SharedPoses, StrokeVariants, posed, ten_crops
from ml.systems.fine_grained.config import RankingConfig
from ml.systems.fine_grained.data import RankingData, positions

PLAIN = {"pose": 0.0, "stroke_removal_prob": 0.0}


def ramp(side: int) -> NDArray[np.uint8]:
    return np.tile(np.arange(side, dtype=np.uint8), (side, 1))


def test_batches_depend_only_on_seed_and_step(hats: PairDataset) -> None:
    first, again = (RankingData(hats, RankingConfig(batch_size=4), "train") for _ in range(2))
    again.batch(1)
    np.testing.assert_array_equal(first.batch(3).sketches, again.batch(3).sketches)
    assert not np.array_equal(first.batch(3).sketches, first.batch(4).sketches)
    other = RankingData(hats, RankingConfig(batch_size=4, seed=1), "train")
    assert not np.array_equal(first.batch(3).sketches, other.batch(3).sketches)


@pytest.mark.parametrize("batches", ["products", "triplets"])
def test_easy_and_annotated_triplets_are_valid(batches: str, hats: PairDataset) -> None:
    config = RankingConfig(batch_size=8, batches=batches, **PLAIN)  # type: ignore[arg-type]
    batch = RankingData(hats, config, "train").batch(0)
    assert all(batch.same[anchor, positive] for anchor, positive, _ in batch.easy)
    assert not any(batch.same[anchor, negative] for anchor, _, negative in batch.easy)
    assert len(batch.easy) == (8 * 7 if batches == "products" else 0)
    assert len(batch.annotated) > 0
    assert batch.sketches.shape == (len(batch.same), 225, 225)
    assert batch.photos.shape == (batch.same.shape[1], 225, 225)


def test_positions_equal_a_loop() -> None:
    triplets = np.array([[5, 1, 2], [5, 2, 9], [7, 9, 1], [8, 1, 2], [7, 1, 3]], dtype=np.int32)
    sketches, photos = np.array([7, 5]), np.array([9, 1, 2])
    expected = [
        [list(sketches).index(s), list(photos).index(p), list(photos).index(n)]
        for s, p, n in triplets.tolist()
        if s in sketches and p in photos and n in photos
    ]
    assert positions(triplets, sketches, photos).tolist() == expected


def test_a_batch_is_flipped_as_a_whole(hats: PairDataset) -> None:
    """Every sketch is compared with every photo of its batch, so that all need the same orientation."""
    data = RankingData(hats, RankingConfig(batch_size=3, **PLAIN), "train")  # type: ignore[arg-type]
    spec = data.config.frame_spec
    sketches, photos = frames(hats, "sketch", None, spec), frames(hats, "edge", None, spec)
    seen = set()
    for step in range(6):
        batch = data.batch(step)
        mirrored = [is_window(image[:, ::-1], sketches) for image in batch.sketches]
        mirrored += [is_window(image[:, ::-1], photos) for image in batch.photos]
        assert len(set(mirrored)) == 1
        seen.add(mirrored[0])
    assert seen == {False, True}


def is_window(image: NDArray[np.uint8], framed: NDArray[np.uint8]) -> bool:
    """Whether an image (225, 225) is cut out of one of the frames (N, 256, 256)."""
    return any(cv2.matchTemplate(whole, image, cv2.TM_SQDIFF).min() < 1e4 for whole in framed)


def test_a_crop_without_pose_is_a_window_or_its_mirror_image() -> None:
    image = ramp(256)
    crop = posed(image, np.random.default_rng(0), 225, flip=False, strength=0)
    mirrored = posed(image, np.random.default_rng(0), 225, flip=True, strength=0)
    assert crop.shape == (225, 225)
    assert (np.diff(crop.astype(int), axis=1) == 1).all()
    np.testing.assert_array_equal(mirrored, crop[:, ::-1])


def test_pose_moves_ink_slightly() -> None:
    image = np.full((256, 256), 255, np.uint8)
    image[100:160, 100:160] = 0
    drawn = [posed(image, np.random.default_rng(seed), 225, flip=False, strength=1.0) for seed in range(8)]
    areas = [int((one < 128).sum()) for one in drawn]
    assert len(set(areas)) > 4
    assert 0.6 * 3600 < min(areas) <= max(areas) < 1.6 * 3600


def test_ten_crops_are_five_windows_and_their_mirror_images() -> None:
    crops = ten_crops(256, 225)
    assert len(set(crops)) == 10
    assert crops[0] == (15, 15, False)
    assert {(x, y) for x, y, flip in crops if flip} == {(x, y) for x, y, flip in crops if not flip}
    assert max(x for x, _, _ in crops) + 225 == 256


def test_stroke_variants_of_a_released_raster_differ_and_keep_ink(hats: PairDataset) -> None:
    released = frames(hats, "sketch", [0], RankingConfig().frame_spec)[0]
    variants = StrokeVariants(hats, RasterSpec(256), share=0.9)
    rng = np.random.default_rng(0)
    drawn = [variants.draw(0, released, rng) for _ in range(12)]
    assert all(one.shape == (256, 256) and (one < 128).any() for one in drawn)
    assert len({one.tobytes() for one in drawn}) > 3


def test_a_sketch_and_its_photo_share_a_deformation_that_others_do_not() -> None:
    image = np.full((64, 64), 255, np.uint8)
    image[24:40, 24:40] = 0
    poses = SharedPoses(np.random.default_rng(3), 56, strength=1.0)
    places = {
        product: [
            np.argwhere(poses.posed(image, product, alone, flip=False) < 128).mean(0)
            for alone in (SKETCH_ALONE, GALLERY_ALONE)
        ]
        for product in range(30)
    }
    sketches, photos = np.array(list(places.values())).transpose(1, 0, 2)
    own = np.linalg.norm(sketches - photos, axis=1).mean()
    other = np.linalg.norm(sketches - np.roll(photos, 1, axis=0), axis=1).mean()
    assert own < 0.8 * other


@pytest.mark.parametrize("batches", ["products", "triplets"])
def test_shared_deformations_without_strength_are_the_centre(batches: str, hats: PairDataset) -> None:
    config = RankingConfig(batch_size=4, batches=batches, shared_pose=1e-9, stroke_removal_prob=0.0)  # type: ignore[arg-type]
    batch = RankingData(hats, config, "train").batch(0)
    whole = frames(hats, "edge", None, config.frame_spec)[:, 15:240, 15:240]
    for image in batch.photos:
        assert any(np.array_equal(image, one) or np.array_equal(image, one[:, ::-1]) for one in whole)


def test_a_pretrained_branch_frames_images_for_its_own_input(hats: PairDataset) -> None:
    config = RankingConfig(branch="lite0", pretrained_px=96, batch_size=3, shared_pose=1.0, erase_prob=0.5)
    batch = RankingData(hats, config, "train", photo_kind="photo", input_px=96).batch(0)
    assert batch.sketches.shape == (3, 96, 96)
    assert batch.photos.shape == (3, 96, 96, 3)
    assert config.frame_spec.size_px == 110
