"""Shoe-V1 as a shop that the encoder has never seen, with what its visitors would like."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ml.contracts.split import Split
from ml.datasets.files import open_files
from ml.datasets.pairs import PairDataset
from ml.datasets.qmul_v1 import read_qmul_v1
from ml.errors import DatasetError
from ml.protocols.unseen import drawn_rows, photo_gallery
from ml.serving.encoder import Encoder

FOLDER = Path("qmul-v1.zip") / "qmul-v1" / "shoes"
ZOO = Path(__file__).parents[2] / "zoo" / "sketchfind"
Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Part:
    """S sketches of a split. embeddings: (S, D). own: (S,), column of each sketch's product in the gallery."""

    embeddings: Floats
    own: NDArray[np.int64]


@dataclass(frozen=True)
class Shop:
    """gallery: (P, D) of all photos. parts: sketches by split. columns: of the photos of each split. liked: float64
    (S_train, P), how much the visitor who drew a train sketch likes each product: 1 for the drawn one, the share of
    human judgements that it won for others, 0 if it was never judged. judged: the test split's majority, (T, 3), sketch
    row in the part, nearer and farther column.
    """

    gallery: Floats
    parts: dict[Split, Part]
    columns: dict[Split, NDArray[np.intp]]
    liked: NDArray[np.float64]
    judged: NDArray[np.int64]


def read_shop(data: str | None) -> Shop:
    """Encode Shoe-V1 in the folder of data packs. Raises DatasetError if it is not there."""
    if not data or not (Path(data) / FOLDER.parts[0]).exists():
        raise DatasetError("SKETCHFIND_DATA", f"names no folder with {FOLDER.parts[0]}")
    root = Path(data) / FOLDER
    dataset = read_qmul_v1(open_files(root, "qmul-v1"))
    gallery, place = photo_gallery(Encoder.load(ZOO), dataset, None, None)
    splits: tuple[Split, ...] = ("train", "val", "test")
    parts: dict[Split, Part] = {}
    rows: dict[Split, list[int]] = {}
    for split in splits:
        drawn, _ = drawn_rows(dataset, split, place, None)
        rows[split] = list(drawn)
        own = np.array([place[dataset.sketches[row].photo] for row in drawn], np.int64)
        parts[split] = Part(gallery.encoded(drawn.values()).embeddings, own)
    columns = {
        split: np.array([place[row] for row in dataset.photo_rows(split).tolist()], np.intp)
        for split in splits
    }
    liked = _liked(dataset, rows["train"], place, parts["train"].own)
    return Shop(gallery.vectors, parts, columns, liked, _judged(dataset, rows["test"], place))


def _liked(
    dataset: PairDataset, rows: list[int], place: dict[int, int], own: NDArray[np.int64]
) -> NDArray[np.float64]:
    wins = np.zeros((len(rows), len(place)))
    seen = np.zeros_like(wins)
    at = {row: number for number, row in enumerate(rows)}
    for sketch, nearer, farther in dataset.triplets_among("train").tolist():
        if sketch in at:
            wins[at[sketch], place[nearer]] += 1
            seen[at[sketch], [place[nearer], place[farther]]] += 1
    liked = np.divide(wins, seen, out=np.zeros_like(wins), where=seen > 0)
    liked[np.arange(len(rows)), own] = 1.0
    return liked


def _judged(dataset: PairDataset, rows: list[int], place: dict[int, int]) -> NDArray[np.int64]:
    at = {row: number for number, row in enumerate(rows)}
    found = [
        (at[sketch], place[nearer], place[farther])
        for sketch, nearer, farther in dataset.triplets["test"].tolist()
        if sketch in at
    ]
    return np.array(found, np.int64).reshape(-1, 3)
