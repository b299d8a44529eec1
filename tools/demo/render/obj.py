"""Reader of the parts of Wavefront OBJ and MTL that furniture models use: polygons, normals, texture coordinates,
colours.

VTK's own importer fails on 22 of the 820 models, hangs on one and drops reused materials. This reader
triangulates polygons of any size (also concave), accepts reused materials and negative indices, and skips a face with a
missing vertex, or a colour with an unknown material, instead of the whole model.
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from .triangulate import triangulate

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(slots=True)
class Material:
    """Colours 0..1, opacity 1 = solid, textures as file names relative to the MTL."""

    name: str
    diffuse: tuple[float, float, float] = (0.8, 0.8, 0.8)
    specular: tuple[float, float, float] = (0.0, 0.0, 0.0)
    emission: tuple[float, float, float] = (0.0, 0.0, 0.0)
    shininess: float = 10.0
    opacity: float = 1.0
    texture: str | None = None


@dataclass(slots=True)
class Mesh:
    """Triangles over shared tables; index -1 means that the corner has no such attribute."""

    points: Floats  # (P, 3)
    uvs: Floats  # (U, 2)
    normals: Floats  # (N, 3)
    corners: Ints  # (T, 3, 3): triangle, corner, (point, uv, normal)
    material: Ints  # (T,)
    materials: list[Material] = field(default_factory=list)

    @property
    def triangles(self) -> Ints:
        """Point indices, (T, 3)."""
        return self.corners[:, :, 0]


def parse_mtl(text: str) -> dict[str, Material]:
    """Materials by name. Unknown statements and malformed numbers are skipped."""
    materials: dict[str, Material] = {}
    current: Material | None = None
    for line in text.splitlines():
        keyword, _, rest = line.strip().partition(" ")
        rest = rest.strip()
        if keyword == "newmtl":
            current = materials.setdefault(rest, Material(rest))
        elif current is not None and rest:
            try:
                _set_statement(current, keyword, rest)
            except ValueError:
                continue
    return materials


def _set_statement(material: Material, keyword: str, rest: str) -> None:
    match keyword:
        case "Kd":
            material.diffuse = _colour(rest)
        case "Ks":
            material.specular = _colour(rest)
        case "Ke":
            material.emission = _colour(rest)
        case "Ns":
            material.shininess = float(rest)
        case "d":
            material.opacity = float(rest.split()[-1])
        case "Tr":
            material.opacity = 1.0 - float(rest.split()[-1])
        case "map_Kd":
            # Options such as "-s 1 1 1" come before the file name, which may itself contain spaces.
            material.texture = rest if not rest.startswith("-") else rest.split()[-1]


def _colour(rest: str) -> tuple[float, float, float]:
    red, green, blue = (min(max(float(value), 0.0), 1.0) for value in rest.split()[:3])
    return red, green, blue


def material_libraries(obj_text: str) -> list[str]:
    """File names of the `mtllib` statements."""
    return [line.split(None, 1)[1].strip() for line in obj_text.splitlines() if line.startswith("mtllib ")]


def parse_obj(text: str, materials: dict[str, Material]) -> Mesh:
    """Read an OBJ. Raises ValueError if no face is left."""
    tables: dict[str, list[list[float]]] = {"v": [], "vt": [], "vn": []}
    used: dict[str, int] = {}
    listed: list[Material] = []
    corners: list[list[tuple[int, int, int]]] = []
    faces: list[int] = []
    current = _use("", used, listed, materials)
    widths = {"v": 3, "vt": 2, "vn": 3}
    for line in text.replace("\\\n", " ").splitlines():
        keyword, _, rest = line.strip().partition(" ")
        if keyword in tables:
            tables[keyword].append([float(x) for x in rest.split()[: widths[keyword]]])
        elif keyword == "f":
            polygon = _polygon(rest, len(tables["v"]), len(tables["vt"]), len(tables["vn"]))
            for a, b, c in triangulate([tables["v"][corner[0]] for corner in polygon]):
                corners.append([polygon[a], polygon[b], polygon[c]])
                faces.append(current)
        elif keyword == "usemtl":
            current = _use(rest.strip(), used, listed, materials)
    if not corners:
        raise ValueError("model: no face with three known vertices")
    return Mesh(
        points=np.array(tables["v"], dtype=np.float64).reshape(-1, 3),
        uvs=np.array(tables["vt"], dtype=np.float64).reshape(-1, 2),
        normals=np.array(tables["vn"], dtype=np.float64).reshape(-1, 3),
        corners=np.array(corners, dtype=np.int64),
        material=np.array(faces, dtype=np.int64),
        materials=listed,
    )


def _use(name: str, used: dict[str, int], listed: list[Material], materials: dict[str, Material]) -> int:
    if name not in used:
        used[name] = len(listed)
        listed.append(materials.get(name, Material(name)))
    return used[name]


def _polygon(rest: str, points: int, uvs: int, normals: int) -> list[tuple[int, int, int]]:
    """Zero-based corners (point, uv, normal) of one face; corners with an unknown point are left out."""
    polygon = []
    for token in rest.split():
        numbers = [*token.split("/"), "", ""][:3]
        point, uv, normal = (
            _index(number, count) for number, count in zip(numbers, (points, uvs, normals), strict=True)
        )
        if point >= 0:
            polygon.append((point, uv, normal))
    return polygon


def _index(number: str, count: int) -> int:
    if not number:
        return -1
    index = int(number)
    index = index - 1 if index > 0 else count + index
    return index if 0 <= index < count else -1
