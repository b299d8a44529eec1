"""Measure a recogniser, and draw a sheet of recognised drawings, for `ml.reports.run`."""

from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageDraw

from ml.contracts.split import Split
from ml.datasets.pairs import PairDataset
from ml.protocols.recognition import measure_recognition, named_drawings
from ml.serving.recogniser import Recogniser
from ml.sketch.raster import RasterSpec, rasterise
from ml.training.checkpoint import write_atomically

COLUMNS, ROWS = 8, 6
CELL_PX, GAP_PX, LINE_PX = 104, 12, 12
GREEN, RED, GREY = (22, 163, 74), (220, 38, 38), (90, 90, 90)
_CELL = RasterSpec(size=CELL_PX, stroke_width_px=1.8, squareness=0.0)


def report_recognition(
    recogniser: Recogniser, dataset: PairDataset, split: Split, sheets: Path | None
) -> dict[str, Any]:
    """Return the metrics of a recogniser. sheets: folder for `drawings.png`."""
    if sheets is not None:
        write_sheet(sheets / "drawings.png", recogniser, dataset, split)
    return measure_recognition(recogniser, dataset, split=split)


def write_sheet(path: Path, recogniser: Recogniser, dataset: PairDataset, split: Split) -> None:
    """Draw random drawings of a split, each with its true name, its most probable name, and that probability."""
    drawn = named_drawings(recogniser.names, dataset, split)
    chosen = np.random.default_rng(0).permutation(len(drawn.sketches))[: COLUMNS * ROWS]
    width, height = CELL_PX + GAP_PX, CELL_PX + 2 * LINE_PX + GAP_PX
    sheet = Image.new("RGB", (COLUMNS * width + GAP_PX, ROWS * height + GAP_PX), "white")
    draw = ImageDraw.Draw(sheet)
    for place, row in enumerate(chosen.tolist()):
        sketch, label = drawn.sketches[row], int(drawn.labels[row])
        probabilities = recogniser.recognise(sketch).probabilities
        best = int(probabilities.argmax())
        x, y = GAP_PX + place % COLUMNS * width, GAP_PX + place // COLUMNS * height
        sheet.paste(Image.fromarray(rasterise(sketch, _CELL)).convert("RGB"), (x, y))
        draw.text((x, y + CELL_PX), recogniser.names[label], fill=GREY)
        found = f"{recogniser.names[best]} {probabilities[best]:.0%}"
        draw.text((x, y + CELL_PX + LINE_PX), found, fill=GREEN if best == label else RED)
    with BytesIO() as buffer:
        sheet.save(buffer, "PNG")
        write_atomically(path, buffer.getvalue())
