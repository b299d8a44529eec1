"""Hash codes of sketches by an exported hasher on onnxruntime, one thread, without torch.

The manifest holds the codes of reference drawings at export; loading a hasher compares its codes with them.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ml.errors import ModelError
from ml.retrieval.packing import Codes, pack
from ml.serving.session import intact, open_session
from ml.sketch.raster import RasterSpec, rasterise
from ml.sketch.scribble import scribbled
from ml.sketch.sequence import compact, from_compact, sequence
from ml.sketch.strokes import Sketch

ENCODER, MANIFEST = "hasher.onnx", "hasher.json"
LEAST_EQUAL_BITS = 0.98  # rounding on another processor may change the sign of logits near zero
N_REFERENCES = 32


class SketchCodes:
    """A hasher that encodes one sketch at a time.

    Raises ModelError if the folder's files are missing or altered, or if its codes differ on this processor.
    """

    def __init__(self, folder: Path) -> None:
        try:
            manifest = json.loads((folder / MANIFEST).read_text())
            files = {ENCODER: manifest["sha256"]}
            self.code_length: int = manifest["code_length"]
            self._raster = RasterSpec(**manifest["raster"])
            self._max_points: int = manifest["max_points"]
            self._inputs: list[str] = manifest["inputs"]
        except FileNotFoundError as error:
            raise ModelError(str(error.filename), "missing; the folder is not an exported hasher") from None
        except (ValueError, KeyError, TypeError):
            raise ModelError(str(folder / MANIFEST), "not the manifest of a hasher") from None
        self._session = open_session(intact(folder, files, ENCODER))
        if "reference_codes" in manifest:
            self._verify(folder, manifest["reference_codes"])

    def _verify(self, folder: Path, expected: list[str]) -> None:
        """Raise ModelError if the reference drawings get other codes here than at export."""
        found = np.frombuffer(bytes.fromhex("".join(self.reference_codes())), np.uint8)
        wanted = np.frombuffer(bytes.fromhex("".join(expected)), np.uint8)
        if len(found) != len(wanted):
            raise ModelError(
                f"{folder / MANIFEST}.reference_codes", "not the codes of the reference drawings"
            )
        equal = 1 - float(np.unpackbits(found ^ wanted).mean())
        if equal < LEAST_EQUAL_BITS:
            raise ModelError(
                str(folder / ENCODER),
                f"differs on this processor: {equal:.1%} of the bits equal those at export",
            )

    def reference_codes(self) -> list[str]:
        """Return the codes of the reference drawings, in hex."""
        return [bytes(self.code(drawing)).hex() for drawing in _drawings()]

    def logits(self, sketch: Sketch) -> NDArray[np.float32]:
        """Return the hash logits of a sketch, float32 (K,)."""
        drawn = from_compact(compact(sketch))
        values: dict[str, NDArray[np.float32]] = {}
        if "ink" in self._inputs:
            image = rasterise(drawn, self._raster).astype(np.float32)
            values["ink"] = (1 - image / np.float32(255))[None, None]
        if "steps" in self._inputs:
            values["steps"] = sequence(drawn, self._max_points)[None]
        found: NDArray[np.float32] = self._session.run(["logits"], values)[0][0]
        return found

    def code(self, sketch: Sketch) -> Codes:
        """Return the packed code of a sketch, uint8 (K / 8,)."""
        packed: Codes = pack(self.logits(sketch)[None])[0]
        return packed


def record_reference(folder: Path) -> None:
    """Write the codes of the reference drawings into the manifest of a newly exported hasher."""
    manifest = json.loads((folder / MANIFEST).read_text())
    manifest.pop("reference_codes", None)
    codes = SketchCodes(folder).reference_codes()
    (folder / MANIFEST).write_text(json.dumps({**manifest, "reference_codes": codes}, indent=2) + "\n")


def _drawings() -> list[Sketch]:
    """Return the reference drawings, the same on every call."""
    drawings = []
    for seed in range(N_REFERENCES):
        rng = np.random.default_rng(seed)
        drawings.append(
            scribbled(rng, n_strokes=int(rng.integers(2, 8)), n_points=30, step=rng.uniform(2, 6))
        )
    return drawings
