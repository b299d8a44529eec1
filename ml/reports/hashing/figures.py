"""Figures of a hasher, as PNG.

precision-recall.png    precision against recall over Hamming radii, one curve per hasher (SketchMate, Fig. 5)
tsne.png                relaxed codes of the queries of ten categories, projected to the plane (GDH, Fig. 2)
bits.png                share of ones of each bit, and how often codes collide
sheet-01.png ...        one query and its nearest codes per row, those of its category framed (SketchMate, Fig. 6)
entropy.png             image entropies of one category, with the middle share marked (SketchMate, Fig. 4)
"""

from __future__ import annotations

from collections.abc import Mapping
from io import BytesIO
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from numpy.typing import NDArray
from PIL import Image, ImageDraw
from sklearn.manifold import TSNE

from ml.datasets.frames import FrameSpec, framed
from ml.datasets.pairs import PairDataset
from ml.metrics.hashing import DistanceCounts, precision_recall
from ml.protocols.hashing import HashingMeasurement
from ml.protocols.selection import Kind
from ml.retrieval.hamming import HammingIndex
from ml.retrieval.packing import pack
from ml.retrieval.statistics import code_statistics
from ml.sketch.entropy import image_entropy, noise_free
from ml.training.checkpoint import write_atomically

SHOWN, ROWS_PER_SHEET = 12, 10
CELL_PX, GAP_PX, CAPTION_PX = 88, 8, 16
WHOLE = FrameSpec(size_px=CELL_PX, crop="ink", squareness=0.0, margin=0.06, stroke_width_px=1.5)
Floats = NDArray[np.float64]
GREEN, RED, GREY = (22, 163, 74), (220, 38, 38), (90, 90, 90)
TSNE_CATEGORIES = 10


def write_figures(
    folder: Path, dataset: PairDataset, measured: HashingMeasurement, *, sheets: int = 4
) -> list[Path]:
    """Write every figure of one hasher and return the files."""
    folder.mkdir(parents=True, exist_ok=True)
    files = [
        precision_recall_figure(folder / "precision-recall.png", {"this hasher": measured.counts}),
        bits_figure(folder / "bits.png", measured),
        *write_sheets(folder, dataset, measured, sheets=sheets),
    ]
    if measured.gallery_kind == "sketch":
        files.append(largest_entropy_figure(folder / "entropy.png", dataset))
    if len(measured.query_rows) > 10:
        files.append(tsne_figure(folder / "tsne.png", dataset, measured))
    return files


def precision_recall_figure(path: Path, curves: Mapping[str, DistanceCounts]) -> Path:
    """Plot the curves of several hashers, by name, over one gallery."""
    return curves_figure(path, {name: precision_recall(counts) for name, counts in curves.items()})


def curves_figure(path: Path, curves: Mapping[str, tuple[Floats, Floats]], *, title: str = "") -> Path:
    """Plot precision and recall within growing Hamming radii, of several hashers by name."""
    figure, axes = _figure()
    for number, (name, (precision, recall)) in enumerate(curves.items()):
        line = ("-", "--", ":")[number // 10 % 3]  # after ten, the colours repeat
        axes.plot(recall, precision, line, label=name, marker=".", markersize=3, linewidth=1.2)
    axes.set(xlabel="recall", ylabel="precision", xlim=(0, 1), ylim=(0, 1.02), title=title)
    if len(curves) > 6:
        axes.legend(frameon=False, fontsize=7, loc="center left", bbox_to_anchor=(1, 0.5))
    else:
        axes.legend(frameon=False)
    return _save(figure, path)


def tsne_figure(path: Path, dataset: PairDataset, measured: HashingMeasurement, *, seed: int = 0) -> Path:
    """Plot relaxed codes of the ten categories with most queries; ties are broken by name."""
    labels, counts = np.unique(measured.query_labels, return_counts=True)
    shown = labels[np.argsort(-counts, kind="stable")[:TSNE_CATEGORIES]]
    kept = np.isin(measured.query_labels, shown)
    relaxed = 1 / (1 + np.exp(-np.clip(measured.query_logits[kept], -60, 60)))
    perplexity = min(30.0, max(2.0, kept.sum() / 4))
    plane = TSNE(perplexity=perplexity, init="pca", random_state=seed).fit_transform(relaxed)
    figure, axes = _figure()
    for number, label in enumerate(shown):
        points = plane[measured.query_labels[kept] == label]
        axes.scatter(points[:, 0], points[:, 1], s=9, color=f"C{number}", label=dataset.categories[label])
    axes.set(xticks=[], yticks=[])
    axes.legend(frameon=False, fontsize=7, loc="center left", bbox_to_anchor=(1, 0.5))
    return _save(figure, path)


def bits_figure(path: Path, measured: HashingMeasurement) -> Path:
    """Plot the balance of each bit of the gallery, and how often the most frequent codes occur."""
    figure = Figure(figsize=(7, 2.6), layout="constrained")
    left, right = figure.subplots(1, 2)
    balance = code_statistics(measured.codes).balance
    left.bar(np.arange(len(balance)), balance, width=0.9)
    left.axhline(0.5, color="black", linewidth=0.8)
    left.set(xlabel="bit", ylabel="share of ones", ylim=(0, 1))
    buckets = np.sort(np.unique(measured.codes, axis=0, return_counts=True)[1])[::-1]
    right.step(np.arange(1, len(buckets) + 1), buckets)
    right.set(xlabel="code, by frequency", ylabel="items", xscale="log", yscale="log")
    return _save(figure, path)


def entropy_figure(path: Path, entropies: NDArray[np.float64], category: str, *, middle: float = 0.9) -> Path:
    """Plot a histogram of one category's image entropies (n,), with the part that its centre is computed from."""
    figure, axes = _figure()
    kept = noise_free(entropies, middle)
    edges = np.histogram_bin_edges(entropies, bins=24)
    axes.hist([entropies[kept], entropies[~kept]], bins=list(edges), stacked=True, label=["kept", "noise"])
    axes.set(xlabel="image entropy", ylabel="sketches", title=category)
    axes.legend(frameon=False)
    return _save(figure, path)


def largest_entropy_figure(path: Path, dataset: PairDataset, *, at_most: int = 2000) -> Path:
    """Plot the histogram of the category with most training sketches; ties are broken by name."""
    rows = dataset.sketch_rows("train")
    names, number = np.unique([dataset.sketches[row].category for row in rows], return_inverse=True)
    largest = int(np.bincount(number).argmax())
    picked = rows[number == largest][:at_most]
    entropies = np.array([image_entropy(framed(dataset, "sketch", int(row), WHOLE)) for row in picked])
    return entropy_figure(path, entropies, str(names[largest]))


def write_sheets(
    folder: Path, dataset: PairDataset, measured: HashingMeasurement, *, sheets: int = 4
) -> list[Path]:
    """Write queries, thinned evenly to at most `sheets` sheets, with their nearest codes.

    Codes of the query's category have a green frame, others a red one.
    """
    n_queries = len(measured.query_rows)
    picked = np.unique(
        np.linspace(0, n_queries - 1, min(n_queries, sheets * ROWS_PER_SHEET)).round().astype(int)
    )
    index = HammingIndex(measured.codes)
    distances, found = index.nearest(pack(measured.query_logits[picked]), SHOWN + 1)
    files = []
    for start in range(0, len(picked), ROWS_PER_SHEET):
        part = range(start, min(start + ROWS_PER_SHEET, len(picked)))
        lines = [
            _line(dataset, measured, int(picked[place]), distances[place], found[place]) for place in part
        ]
        sheet = Image.new("RGB", (lines[0].width, sum(line.height for line in lines)), "white")
        for number, line in enumerate(lines):
            sheet.paste(line, (0, number * line.height))
        files.append(folder / f"sheet-{start // ROWS_PER_SHEET + 1:02d}.png")
        with BytesIO() as buffer:
            sheet.save(buffer, "PNG", optimize=True)
            write_atomically(files[-1], buffer.getvalue())
    return files


def _line(
    dataset: PairDataset,
    measured: HashingMeasurement,
    query: int,
    distances: NDArray[np.int32],
    found: NDArray[np.int64],
) -> Image.Image:
    others = found != measured.own[query]
    distances, found = distances[others][:SHOWN], found[others][:SHOWN]
    step = CELL_PX + GAP_PX
    line = Image.new("RGB", ((1 + SHOWN) * step + 2 * GAP_PX, step + CAPTION_PX), "white")
    draw = ImageDraw.Draw(line)
    category = dataset.categories[measured.query_labels[query]]
    line.paste(_cell(dataset, "sketch", measured.query_rows[query]), (GAP_PX, GAP_PX // 2))
    caption = f"{category}, AP {measured.average_precisions[query]:.2f}"
    draw.text((GAP_PX, CELL_PX + GAP_PX // 2 + 1), caption, fill=GREY)
    for column, (row, distance) in enumerate(zip(found, distances, strict=True), start=1):
        x = 2 * GAP_PX + column * step
        line.paste(_cell(dataset, measured.gallery_kind, measured.gallery_rows[row]), (x, GAP_PX // 2))
        right = measured.gallery_labels[row] == measured.query_labels[query]
        draw.rectangle(
            (x - 2, GAP_PX // 2 - 2, x + CELL_PX + 1, GAP_PX // 2 + CELL_PX + 1),
            outline=GREEN if right else RED,
            width=2,
        )
        draw.text((x, CELL_PX + GAP_PX // 2 + 1), f"{distance}", fill=GREY)
    return line


def _cell(dataset: PairDataset, kind: Kind, row: int) -> Image.Image:
    image = framed(dataset, kind, int(row), WHOLE)
    return Image.fromarray(image).convert("RGB")


def _figure() -> tuple[Figure, Axes]:
    figure = Figure(figsize=(5.2, 3.6), layout="constrained")
    return figure, figure.subplots()


def _save(figure: Figure, path: Path) -> Path:
    with BytesIO() as buffer:
        FigureCanvasAgg(figure).print_png(buffer)  # type: ignore[no-untyped-call]
        write_atomically(path, buffer.getvalue())
    return path
