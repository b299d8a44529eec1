"""Where the time of an import and of an index build goes, in processor seconds of one core per 1,000 photos."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from time import process_time
from typing import Any

from ml.images.decode import ImageLimits, decode_image
from ml.images.edges import edge_pixels
from ml.images.views import prepared_images
from ml.serving.encoder import Encoder
from webapp.catalog.importer.photos import PHOTO_PX, PreparedPhoto, edges_of_ink, photo_prepare, thumb_pixels

LIMITS = ImageLimits(reduce_to_px=PHOTO_PX)


def shares(pictures: Sequence[bytes], model: Path) -> dict[str, float]:
    """Measure each step on these pictures, one after another on this thread."""
    encoder = Encoder.load(model)
    found: dict[str, float] = {}

    def timed(name: str, step: Callable[[Any], Any], items: Sequence[Any]) -> list[Any]:
        began = process_time()
        results = [step(item) for item in items]
        found[name] = round((process_time() - began) / len(items) * 1e3, 2)
        return results

    images = timed("import_decode", lambda data: decode_image(data, LIMITS), pictures)
    timed("import_edges", lambda image: edge_pixels(image), images)
    prepared = timed("import_all", lambda data: photo_prepare(data, LIMITS), pictures)
    read = timed("index_decode", _read, prepared)
    views = timed(
        "index_frame",
        lambda one: prepared_images(one[0], one[1], one[2], encoder.manifest.gallery_inputs, encoder.raster),
        [(photo, edges, ready.box) for (photo, edges), ready in zip(read, prepared, strict=True)],
    )
    flat = [image for pair in views for image in pair]
    batches = [flat[start : start + 32] for start in range(0, len(flat), 32)]
    timed("warm_up", encoder.encode_views, batches[:1])
    began = process_time()
    for batch in batches:
        encoder.encode_views(batch)
    found["index_encode"] = round((process_time() - began) / len(pictures) * 1e3, 2)
    del found["warm_up"]
    found["index_all"] = round(sum(found[name] for name in found if name.startswith("index_")), 2)
    found["bare_share"] = round(found["index_encode"] / found["index_all"], 3)
    return found


def _read(ready: PreparedPhoto) -> tuple[Any, Any]:
    return thumb_pixels(ready.thumb), edges_of_ink(ready.edges)
