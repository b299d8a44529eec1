"""One product's pictures and strokes, from its model to the files; runs in a worker process."""

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from .camera import fit_camera
from .curation import Product
from .drawing import draw
from .geometry import feature_edges, smooth_normals, weld
from .library import FURNITURE_FOLDER, Model
from .model import load_model
from .photo import finish_photo
from .shadow import floor_shadow

VERSION = 2
"""Increment when the renderer's output changes, so that finished products are rendered again."""
PHOTO_PIXELS = 384
VIEW_PIXELS = 192
_DEPTH_PIXELS = 768
_WELD = 2e-4
_PHOTO_QUALITY = 84
_VIEW_QUALITY = 78


@dataclass(frozen=True, slots=True)
class Task:
    """A product to render, its model, and the output folders."""

    product: Product
    model: Model
    data: Path
    work: Path
    furniture: Path = FURNITURE_FOLDER

    @property
    def record(self) -> Path:
        """The strokes of every view and the stamp, JSON."""
        return self.work / f"{self.product.sku}.json"

    def picture(self, view: str) -> Path:
        """The photo (main view) or training view."""
        sku = self.product.sku
        return self.data / (f"photos/{sku}.webp" if view == "main" else f"views/{sku}-{view}.webp")

    @property
    def stamp(self) -> str:
        """A hash of everything that affects the pictures."""
        model = (self.model.library, self.model.path, self.model.size_cm, self.model.rotation)
        facts = (VERSION, [asdict(view) for view in self.product.views], self.product.casts_shadow, model)
        return hashlib.sha256(json.dumps(facts).encode()).hexdigest()[:16]

    @property
    def done(self) -> bool:
        """Whether the pictures and strokes for this stamp exist."""
        if (
            not all(self.picture(view.name).exists() for view in self.product.views)
            or not self.record.exists()
        ):
            return False
        return bool(json.loads(self.record.read_text())["stamp"] == self.stamp)


def render(task: Task) -> dict[str, Any]:
    """Write the product's pictures and record. Return the record."""
    from .scene import Scene

    loaded = load_model(task.model, task.furniture)
    used = loaded.used_points
    size = float(np.linalg.norm(np.ptp(used, axis=0)))
    points, triangles, whole = weld(loaded.points, loaded.mesh.triangles, size * _WELD)
    edges = feature_edges(points, triangles[whole], loaded.paint()[whole])
    scene = Scene(loaded.points, loaded.mesh, smooth_normals(points, triangles), loaded.textures)
    drawings: dict[str, Any] = {}
    try:
        for view in task.product.views:
            camera = fit_camera(used, view)
            depth = scene.depth_image(camera, _DEPTH_PIXELS)
            if not np.isfinite(depth).any():
                raise ValueError(f"{task.product.sku}, view {view.name}: nothing is visible")
            strokes = draw(points, edges, camera, depth, size)
            drawings[view.name] = [[s[:, 0].tolist(), s[:, 1].tolist()] for s in strokes]
            pixels = PHOTO_PIXELS if view.name == "main" else VIEW_PIXELS
            rgb = scene.photograph(camera, 2 * pixels)
            fine = depth if 2 * pixels == _DEPTH_PIXELS else scene.depth_image(camera, 2 * pixels)
            light = None
            if task.product.casts_shadow:
                light = floor_shadow(loaded.points, loaded.mesh.triangles, camera, 2 * pixels)
            _save(finish_photo(rgb, fine, light, pixels), task.picture(view.name), main=view.name == "main")
    finally:
        scene.close()
    record = {"stamp": task.stamp, "missing_textures": loaded.missing, "drawings": drawings}
    aside = task.record.with_suffix(".part")
    aside.write_text(json.dumps(record))
    aside.replace(task.record)
    return record


def _save(picture: Any, path: Path, *, main: bool) -> None:
    quality = _PHOTO_QUALITY if main else _VIEW_QUALITY
    Image.fromarray(picture).save(path, "WEBP", quality=quality, method=6)
