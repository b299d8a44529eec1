"""`bench stroke-shards`: convert a million generated drawings from QuickDraw's layout to shards, and measure memory.

The process's peak is read after a tenth of the drawings and after all of them; the growth in between is what additional
drawings cost.
"""

from __future__ import annotations

import json
import resource
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

from ml.benchmarks.doodles import doodle
from ml.datasets.formats import open_dataset
from ml.datasets.stroke_shards import StrokeShards, build_shards
from ml.sketch.formats.quickdraw import to_drawing

CATEGORIES, KINDS = 345, 200  # distinct drawings; each is written many times


def run(n: int = 1_000_000) -> dict[str, Any]:
    """Return seconds to build, bytes per drawing, microseconds to read one, and memory peaks in MB."""
    with TemporaryDirectory() as folder:
        _built(Path(folder) / "tenth", n // 10)
        tenth_mb = _peak_mb()
        seconds, shards, n_bytes = _built(Path(folder) / "all", n)
        all_mb = _peak_mb()
        started = perf_counter()
        for row in range(0, len(shards), max(1, len(shards) // 10_000)):
            shards.points(row)
        n_read = len(range(0, len(shards), max(1, len(shards) // 10_000)))
        return {
            "n_drawings": len(shards),
            "build_s": round(seconds, 1),
            "bytes_per_drawing": round(n_bytes / len(shards), 1),
            "read_us": round((perf_counter() - started) / n_read * 1e6, 1),
            "peak_mb_after_a_tenth": round(tenth_mb, 1),
            "peak_mb_after_all": round(all_mb, 1),
        }


def _built(folder: Path, n: int) -> tuple[float, StrokeShards, int]:
    """Write n drawings, one file per category, and shard them. Return seconds, shards and their size in bytes."""
    source, target = folder / "source", folder / "shards"
    source.mkdir(parents=True)
    target.mkdir()
    lines = [json.dumps({"drawing": to_drawing(doodle(kind))})[1:] for kind in range(KINDS)]
    each = max(1, n // CATEGORIES)
    for category in range(CATEGORIES):
        with (source / f"c{category:03d}.ndjson").open("w") as file:
            for k in range(each):
                file.write(f'{{"key_id": "{category}-{k}", {lines[(category + k) % KINDS]}\n')
    dataset = open_dataset("quickdraw", source)
    started = perf_counter()
    build_shards(dataset, target)
    seconds = perf_counter() - started
    return seconds, StrokeShards(target), sum(file.stat().st_size for file in target.iterdir())


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
