"""Augmentation for `sketchfind`: human doodles and varied gallery images."""

import cv2
import numpy as np
from numpy.typing import NDArray

from ml.sketch.augment import mls_deform, partial_ink, stroke_removal
from ml.sketch.humanise import SKETCHY, SLOPPY
from ml.sketch.jitter import jitter
from ml.sketch.strokes import Sketch
from ml.systems.sketchfind.config import SketchfindConfig


def flipped(sketch: Sketch) -> Sketch:
    """Return the sketch mirrored left to right on its canvas."""
    xy = sketch.points()[:, :2].copy()
    xy[:, 0] = sketch.width - xy[:, 0]
    return sketch.with_xy(xy)


def doodled(doodle: Sketch, rng: np.random.Generator, config: SketchfindConfig) -> Sketch:
    """Return an augmented human doodle: mirrored, sometimes unfinished, slightly deformed."""
    sketch = flipped(doodle) if rng.random() < 0.5 else doodle
    if rng.random() < config.partial_prob:
        sketch = partial_ink(sketch, float(rng.uniform(0.5, 0.95)))
    if rng.random() < 0.3:
        sketch = stroke_removal(sketch, float(rng.uniform(0.0, 0.4)), rng)
    if rng.random() < 0.5:
        sketch = mls_deform(sketch, rng, strength=float(rng.uniform(0.01, 0.05)))
    return jitter(sketch, rng, SLOPPY if rng.random() < 0.5 else SKETCHY)


def varied_image(
    image: NDArray[np.uint8], rng: np.random.Generator, *, colour: bool, background_prob: float = 0.0
) -> NDArray[np.uint8]:
    """Return a gallery image, uint8 (S, S, 3), slightly rotated, scaled and shifted; photos also vary in colour.

    background_prob: probability that a photo's white ground gets a colour and a shadow.
    """
    side = image.shape[0]
    scale, angle = float(np.exp(rng.normal(0, 0.05))), float(rng.normal(0, 2.5))
    matrix = np.asarray(cv2.getRotationMatrix2D((side / 2, side / 2), angle, scale), dtype=np.float64)
    matrix[:, 2] += rng.normal(0, 0.02 * side, 2)
    moved = cv2.warpAffine(image, matrix, (side, side), borderValue=(255, 255, 255))
    if not colour:
        return np.asarray(moved, np.uint8)
    if rng.random() < 0.25:
        moved = cv2.cvtColor(cv2.cvtColor(moved, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB)
    if rng.random() < background_prob:
        moved = on_ground(np.asarray(moved, np.uint8), rng)
    gamma = float(np.exp(rng.normal(0, 0.2)))
    table = (255 * np.linspace(0, 1, 256) ** gamma).astype(np.uint8)
    return np.asarray(table[moved], np.uint8)


def on_ground(photo: NDArray[np.uint8], rng: np.random.Generator) -> NDArray[np.uint8]:
    """Return a photo on white, uint8 (S, S, 3), on a ground that runs from one colour to another, with a soft shadow.

    The ground is what is bright, grey and connected to the border. It is multiplied, so that its own shadows stay.
    """
    side = photo.shape[0]
    lowest, highest = photo.min(axis=2), photo.max(axis=2)
    plain = (lowest > 140) & (highest - lowest < 20)
    _, labels = cv2.connectedComponents(plain.astype(np.uint8), connectivity=4)
    border = np.unique(np.concatenate([labels[0], labels[-1], labels[:, 0], labels[:, -1]]))
    mask = np.isin(labels, border[border > 0]).astype(np.float32)
    ground = np.asarray(cv2.GaussianBlur(mask, (0, 0), 0.7), np.float32)[..., None]
    along = np.linspace(0, 1, side, dtype=np.float32)[:, None, None]
    upper = rng.uniform(90, 255) + rng.normal(0, 18, 3)
    colour = (1 - along) * upper + along * (upper + rng.normal(0, 25))  # (S, 1, 3)
    shift = np.array([[1, 0, rng.normal(0, 0.05 * side)], [0, 1, rng.uniform(0, 0.08) * side]])
    cast = cv2.warpAffine(1 - mask, shift, (side, side), borderValue=0)
    shadow = np.asarray(cv2.GaussianBlur(cast, (0, 0), 0.04 * side), np.float32)[..., None]
    light = colour / 255 * (1 - rng.uniform(0.0, 0.5) * shadow)
    mixed = photo * (1 - ground + ground * light)
    return np.asarray(mixed.clip(0, 255), np.uint8)
