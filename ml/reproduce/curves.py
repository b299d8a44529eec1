"""Precision-recall curves of a table's rows, from its result files: SketchMate's Figure 5."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ml.reports.hashing.figures import curves_figure
from ml.reproduce.rows import Compared

Curve = tuple[NDArray[np.float64], NDArray[np.float64]]


def write_curves(folder: Path, tables: Iterable[Compared]) -> list[Path]:
    """Draw one picture per table and code length, of the rows that search the same gallery, and return the files.

    Rows whose result file is older than these curves are left out.
    """
    folder.mkdir(parents=True, exist_ok=True)
    files = []
    for table in tables:
        found: dict[tuple[int, int], dict[str, Curve]] = {}
        for row in table.rows:
            for measure in row.measures.values():
                curve = None if measure.result is None else curve_of(measure.result)
                if measure.result is not None and curve is not None:
                    metrics = measure.result["metrics"]
                    place = int(metrics["code_length"]), int(metrics["n_gallery"])
                    found.setdefault(place, {})[row.name] = curve
        for (bits, n_gallery), curves in sorted(found.items()):
            name = f"{table.table.name.replace('/', '-')}-{bits}-bits-of-{n_gallery}.png"
            title = f"{bits} bits, {n_gallery} searched"
            files.append(curves_figure(folder / name, curves, title=title))
    return files


def curve_of(result: Mapping[str, Any]) -> Curve | None:
    """Return precision and recall by radius, of several seeds their means; None if a result has none."""
    curves = [one["curve"] for one in result.get("seeds") or [result] if "curve" in one]
    if not curves:
        return None
    precision, recall = (
        np.mean([curve[name] for curve in curves], axis=0) for name in ("precision", "recall")
    )
    return precision, recall
