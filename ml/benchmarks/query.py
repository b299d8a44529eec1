"""`bench query`: from strokes to a ranked list over 100,000 products on one core, compared with the bare networks.

All are timed alternately in one loop, so that a busy machine slows all. The path is the server's without Django:
validation of the decoded request, rasters, encoder, recogniser, two-stage search with names of as many kinds of products
as the demo has categories, folding. `manage.py bench_query` measures the rest.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ml.benchmarks.gallery import generated_index
from ml.benchmarks.timing import percentiles, time_ms
from ml.retrieval.folding import fold
from ml.retrieval.name_prior import NameFits
from ml.retrieval.two_stage import TwoStageSearch
from ml.serving.encoder import Encoder
from ml.serving.recogniser import Recogniser
from ml.sketch.strokes import parse_sketch

ZOO = Path(__file__).parents[1] / "zoo"
MODEL, RECOGNISER = ZOO / "sketchfind", ZOO / "recogniser"
N_GALLERY, N_CATEGORIES, K, ROUNDS, WARM_UP = 100_000, 89, 20, 300, 30


def run(model: Path = MODEL, n_gallery: int = N_GALLERY, rounds: int = ROUNDS) -> dict[str, Any]:
    """Return p50 and p95 of the query and of the bare encoder, in ms, and the ratio of the medians."""
    encoder, recogniser = Encoder.load(model), Recogniser.load(RECOGNISER)
    blank = np.full((recogniser.raster.size, recogniser.raster.size), 255, np.uint8)
    bare_feed: dict[str, NDArray[Any]] = {
        "image": np.full((1, 3, encoder.raster.size, encoder.raster.size), 255, np.float32),
        "domain": np.array([encoder.manifest.inputs["sketch"]], np.int64),
    }
    payloads = [scribble(seed) for seed in range(50)]
    with TemporaryDirectory() as folder:
        index = generated_index(
            Path(folder),
            n_gallery,
            encoder_sha256=encoder.sha256,
            code_length=encoder.code_length,
            embedding_dim=encoder.embedding_dim,
        )
        fits = generated_fits(recogniser.names, n_gallery)
        search = TwoStageSearch(index, fits=fits)

        def query(payload: dict[str, Any]) -> None:
            sketch = parse_sketch(payload)
            encoding = encoder.encode_sketch(sketch)
            prior = fits.prior(recogniser.recognise(sketch).probabilities, encoder.manifest.name_weight)
            hits = search.search(encoding.embedding, encoding.hash_code, 2 * K, prior=prior)
            fold(hits.embeddings)

        whole, bare, bare_names = [], [], []
        for turn in range(rounds + WARM_UP):
            payload = payloads[turn % len(payloads)]
            whole.append(time_ms(partial(query, payload)))
            bare.append(time_ms(partial(encoder.run_bare, bare_feed)))
            bare_names.append(time_ms(partial(recogniser.logits, [blank])))
    times = percentiles(whole[WARM_UP:]) | percentiles(bare[WARM_UP:], "bare_encoder_")
    times |= percentiles(bare_names[WARM_UP:], "bare_recogniser_")
    networks = times["bare_encoder_p50_ms"] + times["bare_recogniser_p50_ms"]
    ratios = {
        "ratio_to_bare_p50": round(times["p50_ms"] / times["bare_encoder_p50_ms"], 3),
        "ratio_to_both_bare_p50": round(times["p50_ms"] / networks, 3),
    }
    facts = {
        "n_gallery": n_gallery,
        "k": K,
        "model": encoder.manifest.name,
        "precision": encoder.precision,
    }
    return {**facts, **times, **ratios}


def generated_fits(names: tuple[str, ...], n: int) -> NameFits:
    """Return the fits of n products of `N_CATEGORIES` kinds, each of which a few names mean."""
    rng = np.random.default_rng(0)
    fits = np.where(rng.random((N_CATEGORIES + 1, len(names))) < 0.02, rng.random((1, len(names))), 0)
    fits[0] = 0
    groups = rng.integers(1, N_CATEGORIES + 1, n).astype(np.int32)
    return NameFits(names, groups, fits.astype(np.float32), np.bincount(groups, minlength=N_CATEGORIES + 1))


def scribble(seed: int, *, n_strokes: int = 4, n_points: int = 40) -> dict[str, Any]:
    """Return a sketch as in a request: 160 points in 4 strokes by default, the median of QuickDraw's raw drawings."""
    rng = np.random.default_rng(seed)
    strokes, clock = [], 0.0
    for _ in range(n_strokes):
        centre, reach = rng.uniform(60, 196, 2), rng.uniform(20, 55, 2)
        angle = np.linspace(0, rng.uniform(1, 6), n_points) + rng.uniform(0, 6)
        x, y = centre[0] + reach[0] * np.cos(angle), centre[1] + reach[1] * np.sin(angle)
        times = clock + np.arange(n_points) * 16.0
        clock = float(times[-1]) + 250.0
        stroke = np.stack([x.round(1), y.round(1), times, np.full(n_points, 0.5)], axis=1)
        strokes.append(stroke.tolist())
    return {"width": 256, "height": 256, "strokes": strokes}
