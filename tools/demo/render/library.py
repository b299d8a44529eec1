"""The furniture libraries: `.sh3f` files, zips with a property catalogue, OBJ models and textures.

Source: Sweet Home 3D's furniture library format (PluginFurnitureCatalog.properties, ISO 8859-1, one `key#n`
per model).
"""

import posixpath
import re
import zipfile
from collections import Counter, defaultdict
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

FURNITURE_FOLDER = Path("/usr/share/sweethome3d/furniture")
CATALOG = "PluginFurnitureCatalog.properties"

LICENCES = {
    "BlendSwap-CC-0": "CC0-1.0",
    "BlendSwap-CC-BY": "CC-BY-3.0",
    "KatorLegaz": "CC-BY-3.0-US",
    "Reallusion": "CC-BY-3.0-US",
    "Scopia": "CC-BY-3.0",
}
"""SPDX identifiers (except for the US port, which has none), from each library's LICENSE.TXT and Debian's
copyright file."""

_SKU_SUFFIX = {
    "BlendSwap-CC-0": "b0",
    "BlendSwap-CC-BY": "by",
    "KatorLegaz": "kl",
    "Reallusion": "re",
    "Scopia": "sc",
}


@dataclass(frozen=True, slots=True)
class Model:
    """One furniture model as its library describes it."""

    sku: str
    library: str
    path: str
    """OBJ path inside the library."""
    icon: str
    name: str
    tags: str
    room: str
    creator: str
    licence: str
    size_cm: tuple[float, float, float]
    """Width (x), height (y), depth (z)."""
    elevation_cm: float
    """Height above the floor at which the piece hangs; 0 stands on the floor."""
    rotation: tuple[float, ...]
    """3x3 row-major rotation that brings the model upright, facing +z."""

    @property
    def rotation_matrix(self) -> NDArray[np.float64]:
        return np.array(self.rotation, dtype=np.float64).reshape(3, 3)


def read_models(folder: Path = FURNITURE_FOLDER) -> list[Model]:
    """Return every model of every library below `folder`, ordered by SKU.

    Raises FileNotFoundError naming the Debian package if there is no library.
    """
    libraries = sorted(folder.glob("*.sh3f"))
    if not libraries:
        raise FileNotFoundError(
            f"{folder}: no .sh3f library; install the Debian package sweethome3d-furniture"
        )
    entries = [(library.stem, entry) for library in libraries for entry in _entries(library)]
    taken = Counter(_slug(entry["model"]) for _, entry in entries)
    models = [_model(library, entry, taken) for library, entry in entries]
    return sorted(models, key=lambda model: model.sku)


def parse_properties(text: str) -> list[dict[str, str]]:
    """Split `key#n=value` lines into one dict per n, in order of n; other lines are skipped."""
    entries: dict[int, dict[str, str]] = defaultdict(dict)
    for line in text.splitlines():
        match = re.match(r"(\w+)#(\d+)\s*=\s*(.*)", line)
        if match:
            value = re.sub(r"\\u([0-9a-fA-F]{4})", lambda m: chr(int(m[1], 16)), match[3])
            entries[int(match[2])][match[1]] = value.strip()
    return [entries[number] for number in sorted(entries)]


def _entries(library: Path) -> list[dict[str, str]]:
    with zipfile.ZipFile(library) as archive:
        entries = parse_properties(archive.read(CATALOG).decode("latin-1"))
        notices: dict[str, str] = defaultdict(str)
        for name in archive.namelist():
            if name.lower().endswith((".txt", ".html")):
                notices[posixpath.dirname(name)] += archive.read(name).decode("latin-1")
    for entry in entries:
        notice = notices[posixpath.dirname(entry["model"].lstrip("/"))]
        entry["licence"] = licence_of(LICENCES[library.stem], notice)
    return entries


def licence_of(library_licence: str, notice: str) -> str:
    """Return the model's licence: its own notice counts if it demands more than its library."""
    asks_for_attribution = "Creative Commons Attribution 3" in notice
    return "CC-BY-3.0" if library_licence == "CC0-1.0" and asks_for_attribution else library_licence


def _slug(model_path: str) -> str:
    stem = Path(model_path).stem
    stem = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", stem)
    return re.sub(r"[^a-z0-9]+", "-", stem.lower()).strip("-")


def _model(library: str, entry: dict[str, str], taken: Counter[str]) -> Model:
    slug = _slug(entry["model"])
    suffix = f"-{_SKU_SUFFIX[library]}" if taken[slug] > 1 else ""
    return Model(
        sku=f"sf-{slug}{suffix}",
        library=library,
        path=entry["model"].lstrip("/"),
        icon=entry["icon"].lstrip("/"),
        name=entry["name"],
        tags=entry.get("tags", ""),
        room=entry.get("category", ""),
        creator=entry.get("creator", ""),
        licence=entry["licence"],
        size_cm=(float(entry["width"]), float(entry["height"]), float(entry["depth"])),
        elevation_cm=float(entry.get("elevation", 0.0)),
        rotation=tuple(float(x) for x in entry.get("modelRotation", "1 0 0 0 1 0 0 0 1").split()),
    )
