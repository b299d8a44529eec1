"""A model from its library: mesh, textures and placed points, ready to render."""

import io
import posixpath
import zipfile
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from .geometry import place
from .library import FURNITURE_FOLDER, Model
from .obj import Material, Mesh, material_libraries, parse_mtl, parse_obj

_TEXTURE_PIXELS = 1024


@dataclass(slots=True)
class LoadedModel:
    """Points (P, 3) stand upright on y = 0 in metres; `textures` holds RGB or RGBA images by MTL name."""

    points: NDArray[np.float64]
    mesh: Mesh
    textures: dict[str, Image.Image]
    missing: list[str]
    """Textures that the library lacks."""

    @property
    def used_points(self) -> NDArray[np.float64]:
        """The points that some triangle uses."""
        return self.points[np.unique(self.mesh.triangles)]

    def paint(self) -> NDArray[np.float64]:
        """One colour per triangle, (T, 3), 0..1: the texture's mean or the diffuse colour."""
        colours = [self._colour(material) for material in self.mesh.materials]
        return np.array(colours)[self.mesh.material]

    def _colour(self, material: Material) -> tuple[float, ...]:
        image = self.textures.get(material.texture or "")
        if image is None:
            return material.diffuse
        mean = np.asarray(image.convert("RGB").resize((8, 8))).reshape(-1, 3).mean(axis=0) / 255
        return tuple(float(channel) for channel in mean)


def load_model(model: Model, folder: Path = FURNITURE_FOLDER) -> LoadedModel:
    """Read a model. Raises ValueError if it has no faces, KeyError if the library lacks it."""
    archive, names = _archive(str(folder / f"{model.library}.sh3f"))
    base = posixpath.dirname(model.path)
    text = archive.read(model.path).decode("latin-1")
    materials: dict[str, Material] = {}
    # A library misnamed in the OBJ is beside it under the model's own name.
    for library in [*material_libraries(text), posixpath.basename(model.path)[:-4] + ".mtl"]:
        found = names.get(posixpath.join(base, library).lower())
        if found and not materials:
            materials |= parse_mtl(archive.read(found).decode("latin-1"))
    mesh = parse_obj(text, materials)
    textures: dict[str, Image.Image] = {}
    missing: list[str] = []
    for wanted in sorted({material.texture for material in mesh.materials if material.texture}):
        try:
            textures[wanted] = _texture(archive.read(_find_texture(wanted, base, names)))
        except (KeyError, UnidentifiedImageError, OSError):
            missing.append(wanted)
    size = tuple(side / 100 for side in model.size_cm)
    points = place(mesh.points, np.unique(mesh.triangles), model.rotation_matrix, (size[0], size[1], size[2]))
    return LoadedModel(points, mesh, textures, missing)


@lru_cache(maxsize=8)
def _archive(path: str) -> tuple[zipfile.ZipFile, dict[str, str]]:
    archive = zipfile.ZipFile(path)
    return archive, {name.lower(): name for name in archive.namelist()}


def _find_texture(wanted: str, base: str, names: dict[str, str]) -> str:
    """Return the texture's path in the library: as written, else by file name, else the model's only picture."""
    wanted = wanted.replace("\\", "/")
    for path in (
        posixpath.normpath(posixpath.join(base, wanted)),
        posixpath.join(base, posixpath.basename(wanted)),
    ):
        if path.lower() in names:
            return names[path.lower()]
    beside = [
        name
        for key, name in names.items()
        if posixpath.dirname(key) == base.lower() and key.endswith((".jpg", ".jpeg", ".png"))
    ]
    return beside[0] if len(beside) == 1 and wanted.startswith("/") else ""


def _texture(data: bytes) -> Image.Image:
    opened = Image.open(io.BytesIO(data))
    image = opened.convert("RGBA" if "A" in opened.getbands() or "transparency" in opened.info else "RGB")
    image.thumbnail((_TEXTURE_PIXELS, _TEXTURE_PIXELS))
    return image
