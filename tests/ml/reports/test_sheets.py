"""Sheets: a green frame around the true photo, red for the attention of a system."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ml.datasets.pairs import PairDataset
from ml.protocols.pairs import measure
from ml.reports.sheets import CELL_PX, GREEN, SHOWN, write_sheets
from tests.support.scorers import Attentive, Scripted


def pixels(file: Path) -> NDArray[np.uint8]:
    return np.asarray(Image.open(file).convert("RGB"))


def green_columns(line: NDArray[np.uint8]) -> NDArray[np.intp]:
    return np.flatnonzero((line == GREEN).all(axis=2).any(axis=0))


def test_the_true_photo_is_framed_at_its_rank(tmp_path: Path, hats: PairDataset) -> None:
    truth = hats.true_photos
    for place in range(4):
        scorer = Scripted(lambda s, p, place=place: (p - truth[s] + place) % 4)  # type: ignore[misc]
        measured = measure(scorer, hats)
        assert set(measured.ranks) == {place + 1}
        (file,) = write_sheets(tmp_path / str(place), scorer, hats, measured)
        columns = green_columns(pixels(file))
        step = pixels(file).shape[1] / (SHOWN + 1)
        assert (1 + place) * step - 8 < columns.min() < columns.max() < (2 + place) * step + 8


def test_attention_adds_one_line_per_query_and_colours_its_place_red(
    tmp_path: Path, hats: PairDataset
) -> None:
    plain, attentive = Scripted(lambda s, p: p), Attentive(lambda s, p: p)
    (without,) = write_sheets(tmp_path / "without", plain, hats, measure(plain, hats))
    (with_,) = write_sheets(tmp_path / "with", attentive, hats, measure(attentive, hats))
    extra = pixels(with_).shape[0] - pixels(without).shape[0]
    assert extra >= 4 * CELL_PX
    line_with_caption = pixels(without).shape[0] // 4
    heated = pixels(with_)[line_with_caption : line_with_caption + extra // 4].astype(int)
    redness = (heated[..., 0] - heated[..., 1])[4 : 4 + CELL_PX, 8 : 8 + CELL_PX]
    half = CELL_PX // 2
    assert redness[:half, :half].mean() > 20
    assert abs(redness[half:, half:].mean()) < 2


def test_many_queries_are_reduced_to_the_number_of_sheets(tmp_path: Path, hats: PairDataset) -> None:
    scorer = Scripted(lambda s, p: p)
    measured = measure(scorer, hats, split="train")
    assert len(measured.sketch_rows) > 10
    assert len(write_sheets(tmp_path / "one", scorer, hats, measured, sheets=1)) == 1
    assert len(write_sheets(tmp_path / "all", scorer, hats, measured)) == 2
