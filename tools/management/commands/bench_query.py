"""`manage.py bench_query`: measure live queries on a generated catalogue, and the bare encoder."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from django.db import connection
from django.utils import timezone
from numpy.typing import NDArray

from ml.benchmarks.gallery import generated_index
from ml.benchmarks.query import WARM_UP, scribble
from ml.benchmarks.timing import percentiles, time_ms
from ml.hardware import processor
from ml.retrieval.two_stage import TwoStageSearch
from ml.serving.encoder import Encoder
from ml.sketch.strokes import parse_sketch
from webapp.catalog.models import Category, Photo, Product
from webapp.http.client_address import UNKNOWN
from webapp.registry.indexes.name_fits import name_fits
from webapp.registry.releases.live import LiveRelease
from webapp.search.services import search_sketch
from webapp.search.sockets import consumer

_N_CATEGORIES, _K = 40, 20


class Command(BaseCommand):
    help = "Measure a live query, from message to answer, in a temporary database of generated products."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--model", type=Path, default=settings.BASE_DIR / "ml" / "zoo" / "sketchfind")
        parser.add_argument("--products", type=int, default=100_000)
        parser.add_argument("--rounds", type=int, default=300)

    def handle(self, *args: Any, **options: Any) -> None:
        name = connection.settings_dict["NAME"]
        connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
        try:
            with TemporaryDirectory() as folder:
                report = self._report(
                    Path(folder), **{key: options[key] for key in ("model", "products", "rounds")}
                )
        finally:
            connection.creation.destroy_test_db(name, verbosity=0)
        self.stdout.write(json.dumps(report))

    def _report(self, folder: Path, *, model: Path, products: int, rounds: int) -> dict[str, Any]:
        live = _generated_release(folder, Encoder.load(model), products)
        consumer.ready_release = lambda: live  # type: ignore[attr-defined]
        payloads = [scribble(seed) for seed in range(50)]
        texts = [json.dumps({"type": "query", "seq": 1, "sketch": sketch, "k": _K}) for sketch in payloads]
        size = live.encoder.raster.size
        blank: dict[str, NDArray[Any]] = {
            "image": np.full((1, 3, size, size), 255, np.float32),
            "domain": np.zeros(1, np.int64),
        }
        times: dict[str, list[float]] = {"message_": [], "service_": [], "bare_encoder_": []}
        for turn in range(rounds + WARM_UP):
            sketch, text = payloads[turn % 50], texts[turn % 50]
            calls: dict[str, Callable[[], object]] = {
                "message_": partial(_answer, text),
                "service_": partial(_search, sketch, live),
                "bare_encoder_": partial(live.encoder.run_bare, blank),
            }
            for name, call in calls.items():
                times[name].append(time_ms(call))
        report: dict[str, Any] = {
            "n_gallery": products,
            "k": _K,
            "model": live.model,
            "precision": live.precision,
            "processor": processor().as_json(),
        }
        for name, values in times.items():
            report |= percentiles(values[WARM_UP:], name)
        report["service_to_bare_p50"] = round(report["service_p50_ms"] / report["bare_encoder_p50_ms"], 3)
        return report


def _search(sketch: dict[str, Any], live: LiveRelease) -> None:
    search_sketch(sketch=parse_sketch(sketch), k=_K, category=None, live=live)


def _answer(text: str) -> None:
    assert json.loads(consumer._answer(consumer._parse(text), "en", UNKNOWN, None))["type"] == "results"


def _generated_release(folder: Path, encoder: Encoder, n: int) -> LiveRelease:
    """Create products 1..n, each with a photo of the same number, and an index of generated embeddings."""
    categories = Category.objects.bulk_create(
        Category(slug=f"c{number}", name_en=f"Category {number}") for number in range(_N_CATEGORIES)
    )
    Product.objects.bulk_create(
        (
            Product(pk=pk, sku=f"sku-{pk}", name=f"Product {pk}", category=categories[pk % _N_CATEGORIES])
            for pk in range(1, n + 1)
        ),
        batch_size=1_000,
    )
    Photo.objects.bulk_create(
        (
            Photo(
                pk=pk,
                product_id=pk,
                file=f"photos/{pk}.webp",
                thumb=f"thumbs/{pk}.webp",
                edges=f"edges/{pk}.png",
                width=384,
                height=384,
                box_x0=0.1,
                box_y0=0.1,
                box_x1=0.9,
                box_y1=0.9,
                sha256=f"{pk:064x}",
                dhash=pk,
            )
            for pk in range(1, n + 1)
        ),
        batch_size=1_000,
    )
    index = generated_index(
        folder,
        n,
        encoder_sha256=encoder.sha256,
        code_length=encoder.code_length,
        embedding_dim=encoder.embedding_dim,
    )
    manifest = encoder.manifest
    return LiveRelease(
        id=1,
        number=1,
        promoted_at=timezone.now(),
        model=manifest.name,
        model_sha256="",
        precision=encoder.precision,
        fallback=encoder.fallback,
        metrics={},
        card="",
        encoder=encoder,
        search=TwoStageSearch(index, fits=name_fits(index)),
        index_sha256=index.sha256,
        indexed_at="",
        payload={
            "id": 1,
            "model": manifest.name,
            "index": index.sha256[:12],
            "precision": encoder.precision,
        },
    )
