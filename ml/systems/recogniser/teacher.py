"""DoodleNet (Yining Shi, MIT), a small classifier of the 345 QuickDraw names, as a teacher of soft labels.

Input: the drawing's longer side scaled to 255 of 303 px, drawn with a round line 16 px wide and averaged to 28 x 28, ink
1 on 0. Architecture: six 3x3 convolutions with ReLU and a 2x2 max pool after every second; 576 features, channels last;
tanh; 345 logits.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

from ml.errors import DatasetError
from ml.sketch.raster import RasterSpec, rasterise
from ml.sketch.strokes import Sketch

SIDE = 28
_OVERSAMPLED = 3
_FRAME = RasterSpec(
    size=SIDE * _OVERSAMPLED,
    stroke_width_px=16 / 303 * SIDE * _OVERSAMPLED,
    margin=24 / 303,
    squareness=0.0,
)


class Teacher:
    """Soft labels of drawings. Raises DatasetError naming `teacher` if the file is not DoodleNet's weights."""

    def __init__(self, path: Path) -> None:
        try:
            with np.load(path, allow_pickle=False) as arrays:
                self.names = [str(name) for name in arrays["names"]]
                self._weights = {
                    name: torch.from_numpy(arrays[name].astype(np.float32))
                    for name in arrays.files
                    if name != "names"
                }
        except (OSError, KeyError, ValueError) as error:
            raise DatasetError("teacher", f"{path} is not DoodleNet's weights: {error}") from None

    @staticmethod
    def image(sketch: Sketch) -> NDArray[np.uint8]:
        """Return the teacher's image of a sketch, uint8 (28, 28), ink dark."""
        large = rasterise(sketch, _FRAME).reshape(SIDE, _OVERSAMPLED, SIDE, _OVERSAMPLED)
        return np.asarray(large.mean(axis=(1, 3)).round(), np.uint8)

    @torch.no_grad()
    def logits(self, images: NDArray[np.uint8]) -> Tensor:
        """Return logits, float32 (B, names), of images, uint8 (B, 28, 28)."""
        w = self._weights
        x = 1 - torch.from_numpy(images).float()[:, None] / 255  # (B, 1, 28, 28)
        x = x.contiguous(memory_format=torch.channels_last)
        for number in range(1, 7):
            x = F.relu(F.conv2d(x, w[f"conv{number}.weight"], w[f"conv{number}.bias"], padding=1))
            if number % 2 == 0:
                x = F.max_pool2d(x, 2)
        x = torch.tanh(F.linear(x.permute(0, 2, 3, 1).flatten(1), w["fc1.weight"], w["fc1.bias"]))
        return F.linear(x, w["fc2.weight"], w["fc2.bias"])

    def columns(self, names: Sequence[str]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """Return which of `names` the teacher knows, and the teacher's columns for them."""
        known = [(place, self.names.index(name)) for place, name in enumerate(names) if name in self.names]
        ours, theirs = zip(*known, strict=True) if known else ((), ())
        return np.array(ours, np.intp), np.array(theirs, np.intp)
