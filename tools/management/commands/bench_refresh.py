"""`manage.py bench_refresh`: time from a change of a large catalogue to an index that is live in a web process."""

from __future__ import annotations

import io
import json
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter, process_time
from typing import Any

import numpy as np
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management.base import BaseCommand, CommandParser
from django.db import connection
from django.test import override_settings
from PIL import Image

from ml.hardware import processor
from ml.retrieval.builder import IndexBuilder
from ml.retrieval.files import sha256_of
from ml.retrieval.index import FILES, KEY_BYTES, MANIFEST
from webapp.catalog.models import Category, Photo, Product
from webapp.registry.indexes.catalogue import catalogue_sha256, gallery_photos
from webapp.registry.indexes.opening import open_encoder
from webapp.registry.models import IndexBuild, ModelVersion
from webapp.registry.releases import live
from webapp.registry.releases.building import release_follow_catalogue
from webapp.registry.releases.services import model_register, release_create, release_promote
from webapp.stores import artifacts

_PICTURE = {"width": 224, "height": 224, "box_x0": 0, "box_y0": 0, "box_x1": 1, "box_y1": 1, "dhash": 0}


class Command(BaseCommand):
    help = "Measures how fast the live index follows the catalogue, in a throw-away database of generated products."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--model", type=Path, default=settings.BASE_DIR / "ml" / "zoo" / "sketchfind")
        parser.add_argument("--products", type=int, default=100_000)
        parser.add_argument("--new", type=int, default=10, help="products added with each change")
        parser.add_argument("--rounds", type=int, default=3)

    def handle(self, *args: Any, **options: Any) -> None:
        name = connection.settings_dict["NAME"]
        live.POLL_S = 0.0  # queried directly; following the pointer would add up to a second
        connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
        try:
            with TemporaryDirectory() as folder, override_settings(**_stores_in(Path(folder))):
                model = model_register(folder=options["model"])
                _indexed_catalogue(Path(folder), model, options["products"])
                live.current()
                rounds = [_round(options["new"], number) for number in range(options["rounds"])]
                started = perf_counter()
                release_follow_catalogue()
                unchanged_s = perf_counter() - started
        finally:
            connection.creation.destroy_test_db(name, verbosity=0)
        report = {
            "n_gallery": options["products"],
            "n_new": options["new"],
            "database": connection.vendor,
            "processor": processor().as_json(),
            "follow_s": [round(follow_s, 2) for follow_s, _, _ in rounds],
            "follow_cpu_s": [round(cpu_s, 2) for _, cpu_s, _ in rounds],
            "load_s": [round(load_s, 2) for _, _, load_s in rounds],
            "look_without_change_s": round(unchanged_s, 2),
        }
        self.stdout.write(json.dumps(report))


def _stores_in(folder: Path) -> dict[str, Any]:
    """Return settings that put all files into a folder."""
    files = "django.core.files.storage.FileSystemStorage"
    places = {
        name: {"BACKEND": files, "OPTIONS": {"location": folder / name}} for name in ("default", "private")
    }
    return {"STORAGES": {**settings.STORAGES, **places}, "DATA_DIR": folder}


def _indexed_catalogue(folder: Path, model: ModelVersion, n: int) -> None:
    """Create products with one photo each, and a live release whose index has generated embeddings."""
    category = Category.objects.create(slug="bench", name_en="Bench")
    numbers = range(1, n + 1)
    Product.objects.bulk_create(
        (Product(pk=pk, sku=f"sku-{pk}", name=f"Product {pk}", category=category) for pk in numbers),
        batch_size=1_000,
    )
    pictures = (
        Photo(pk=pk, product_id=pk, file=f"photos/{pk}.png", sha256=f"{pk:064x}", **_PICTURE)
        for pk in numbers
    )
    Photo.objects.bulk_create(pictures, batch_size=1_000)
    picture = _picture(np.random.default_rng(0))
    encoder = open_encoder(model)
    encoded = encoder.encode_photos([np.asarray(Image.open(io.BytesIO(picture)).convert("RGB"))])
    photos = list(gallery_photos())
    sizes = {"code_length": encoder.code_length, "embedding_dim": encoder.embedding_dim}
    builder = IndexBuilder(folder / "work", encoder_sha256=encoder.sha256, numbers=encoder.numbers, **sizes)
    keys = np.frombuffer(b"".join(photo.key for photo in photos), np.uint8).reshape(n, KEY_BYTES)
    ids = np.array([photo.id for photo in photos], np.int64)
    for part in np.array_split(np.arange(n), max(1, n // 20_000)):
        same = (
            np.repeat(encoded.embeddings, len(part), axis=0),
            np.repeat(encoded.hash_codes, len(part), axis=0),
        )
        builder.add(ids[part], *same, keys[part])
    builder.finish(folder / "index", built_at="2026-01-01T00:00:00Z")
    artifacts.publish(folder / "index", "indexes/bench", FILES, last=MANIFEST)
    build = IndexBuild.objects.create(
        model=model,
        model_sha256=model.sha256,
        catalogue_sha256=catalogue_sha256(),
        status=IndexBuild.Status.READY,
        n_total=n,
        n_done=n,
        folder="indexes/bench",
        sha256=sha256_of(folder / "index" / MANIFEST),
    )
    release_promote(release=release_create(index_build=build))


def _round(n_new: int, number: int) -> tuple[float, float, float]:
    """Add products and withdraw one. Return wall-clock and processor seconds to the promotion, and of loading it."""
    rng = np.random.default_rng(number + 1)
    category = Category.objects.get()
    for place in range(n_new):
        sku = f"new-{number}-{place}"
        file = default_storage.save(f"photos/{sku}.png", ContentFile(_picture(rng)))
        product = Product.objects.create(sku=sku, name=sku, category=category)
        Photo.objects.create(product=product, file=file, sha256="", **_PICTURE)
    Product.objects.filter(sku=f"sku-{number + 1}").update(active=False)
    started, started_cpu = perf_counter(), process_time()
    release = release_follow_catalogue()
    promoted, cpu_s = perf_counter(), process_time() - started_cpu
    current = live.current()
    assert release
    assert current
    assert current.id == release.pk
    return promoted - started, cpu_s, perf_counter() - promoted


def _picture(rng: np.random.Generator) -> bytes:
    """Return a PNG of random blocks."""
    blocks = Image.fromarray(rng.integers(0, 255, (7, 7, 3), dtype=np.uint8)).resize(
        (224, 224), Image.Resampling.NEAREST
    )
    file = io.BytesIO()
    blocks.save(file, "PNG")
    return file.getvalue()
