"""Drawings as phones photograph them: generated strokes on paper, lit unevenly, at an angle, with noise.

The true lines are known, so that a tracing can be compared with them.
"""

from __future__ import annotations

import io
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ml.sketch.geometry import densify
from ml.sketch.strokes import Sketch

_HEIGHT, _WIDTH = 960, 1280
_PAPER = np.array([238.0, 235.0, 226.0])
_BLUE, _GREY, _RED = (
    np.array(rgb) for rgb in ([150.0, 178.0, 214.0], [188.0, 188.0, 186.0], [222.0, 150.0, 150.0])
)


@dataclass(frozen=True, slots=True)
class Paper:
    """ink: grey level of the pen on white paper, or its colour. ruling: `grid`, `grid-grey`, `ruled` or none.

    light: of the darkest place relative to the brightest. shadow: of an area with a soft edge, likewise. tilt: of the
    page, as a fraction of its side by which corners move.
    """

    ink: float | tuple[float, float, float] = 50.0
    width_px: float = 5.0
    ruling: str = ""
    light: float = 0.85
    shadow: float = 1.0
    tilt: float = 0.0
    noise: float = 3.0


KINDS = {
    "plain": Paper(),
    "uneven light": Paper(light=0.45),
    "shadow": Paper(shadow=0.55),
    "dim and noisy": Paper(ink=90.0, light=0.4, noise=10.0),
    "faint pencil": Paper(ink=165.0, width_px=4.0),
    "blue pen": Paper(ink=(50.0, 70.0, 170.0)),
    "marker": Paper(width_px=16.0, light=0.5),
    "squared": Paper(ruling="grid"),
    "pencil on squared": Paper(ink=110.0, width_px=4.0, ruling="grid", light=0.7),
    "pencil on grey squares, at an angle": Paper(
        ink=110.0, width_px=4.0, ruling="grid-grey", tilt=0.05, light=0.6
    ),
    "red pen on squared": Paper(ink=(190.0, 50.0, 50.0), ruling="grid"),
    "ruled": Paper(ruling="ruled", light=0.7),
    "pencil on ruled, at an angle, in shadow": Paper(
        ink=120.0, width_px=4.0, ruling="ruled", tilt=0.05, shadow=0.6
    ),
}


def photographed(
    sketch: Sketch, paper: Paper, seed: int = 0
) -> tuple[NDArray[np.uint8], NDArray[np.float64]]:
    """Return the photo, uint8 (H, W, 3), and points along the true lines in its pixels, float64 (N, 2)."""
    rng = np.random.default_rng(seed)
    view = _view(paper.tilt, rng)
    page = cv2.warpPerspective(
        _page(paper, rng), view, (_WIDTH, _HEIGHT), flags=cv2.INTER_AREA, borderMode=cv2.BORDER_REPLICATE
    )
    placed = _placed(sketch)
    lines = [cv2.perspectiveTransform(stroke[None], view)[0] for stroke in placed]
    ink = np.zeros((_HEIGHT, _WIDTH), dtype=np.uint8)
    for line in lines:
        fixed = (line * 16).round().astype(np.int32)
        cv2.polylines(ink, [fixed], False, 255, max(1, round(paper.width_px)), cv2.LINE_AA, 4)
    grain = cv2.GaussianBlur(
        rng.uniform(0.75, 1.15, ink.shape), (0, 0), 1.0
    )  # pencils skip the paper's valleys
    cover = np.clip(ink / 255 * grain, 0, 1)[..., None]
    pen = np.broadcast_to(np.array(paper.ink, dtype=float), (3,)) / 255
    photo = page * (1 - cover + cover * pen) * _light(paper, rng)
    photo = cv2.GaussianBlur(photo, (0, 0), 0.8) + rng.normal(0, paper.noise, photo.shape)
    file = io.BytesIO()
    Image.fromarray(photo.clip(0, 255).astype(np.uint8)).save(file, "JPEG", quality=85)
    return np.array(Image.open(file)), np.concatenate(lines)


def agreement(traced: Sketch, truth: NDArray[np.float64], within_px: float = 10.0) -> tuple[float, float]:
    """Return the fraction of the true lines that were found, and the fraction of the traced lines that are true."""
    found = densify(traced, 2.0).points()[:, :2].astype(np.float64)
    return _near(truth, found, within_px), _near(found, truth, within_px)


def _near(points: NDArray[np.float64], others: NDArray[np.float64], within_px: float) -> float:
    far = np.ones((_HEIGHT + 200, _WIDTH + 200), dtype=np.uint8)
    x, y = (others.round().astype(int) + 100).T
    far[y.clip(0, _HEIGHT + 199), x.clip(0, _WIDTH + 199)] = 0
    distance = cv2.distanceTransform(far, cv2.DIST_L2, cv2.DIST_MASK_5)
    x, y = (points.round().astype(int) + 100).T
    return float((distance[y.clip(0, _HEIGHT + 199), x.clip(0, _WIDTH + 199)] <= within_px).mean())


def _placed(sketch: Sketch) -> list[NDArray[np.float64]]:
    """Return the strokes in the middle of the photo, each as dense points (n, 2)."""
    x0, y0, x1, y1 = sketch.ink_box()
    scale = 0.68 * min(_HEIGHT / max(y1 - y0, 1), _WIDTH / max(x1 - x0, 1))
    shift = np.array([_WIDTH / 2, _HEIGHT / 2]) - scale * np.array([(x0 + x1) / 2, (y0 + y1) / 2])
    dense = densify(sketch, 1.5 / scale)
    return [stroke[:, :2].astype(np.float64) * scale + shift for stroke in dense.strokes]


def _page(paper: Paper, rng: np.random.Generator) -> NDArray[np.float64]:
    page = np.broadcast_to(_PAPER, (_HEIGHT, _WIDTH, 3)).copy()
    step = float(rng.uniform(30, 44))  # of squares of 5 mm when a page fills the photo
    if paper.ruling == "ruled":
        step *= 1.8
    colour = _GREY if paper.ruling == "grid-grey" else _BLUE
    if paper.ruling:
        for y in np.arange(step / 2, _HEIGHT, step):
            page[int(y) : int(y) + 2] = colour
    if paper.ruling.startswith("grid"):
        for x in np.arange(step / 2, _WIDTH, step):
            page[:, int(x) : int(x) + 2] = colour
    if paper.ruling == "ruled":
        page[:, 130:133] = _RED
    return page


def _view(tilt: float, rng: np.random.Generator) -> NDArray[np.float64]:
    corners = np.array([[0, 0], [_WIDTH, 0], [_WIDTH, _HEIGHT], [0, _HEIGHT]], dtype=np.float32)
    moved = corners + (rng.uniform(-tilt, tilt, (4, 2)) * [_WIDTH, _HEIGHT]).astype(np.float32)
    return np.asarray(cv2.getPerspectiveTransform(corners, moved), dtype=np.float64)


def _light(paper: Paper, rng: np.random.Generator) -> NDArray[np.float64]:
    """Return the light at each pixel, (H, W, 1): falling across the page, and less in a shadow."""
    y, x = np.mgrid[:_HEIGHT, :_WIDTH] / np.array([_HEIGHT, _WIDTH])[:, None, None]
    angle = rng.uniform(0, 2 * np.pi)
    along = x * np.cos(angle) + y * np.sin(angle)
    along = (along - along.min()) / np.ptp(along)
    light = paper.light + (1 - paper.light) * along
    edge = x * np.cos(angle + 1) + y * np.sin(angle + 1)
    shaded = 1 / (1 + np.exp(-(edge - np.median(edge)) / 0.02))
    return np.asarray((light * (1 - (1 - paper.shadow) * shaded))[..., None])
