"""Hash codes of sketches by an exported hasher on onnxruntime, one thread; no torch.

The folder holds drawings with the codes that they had when the hasher was exported; whoever loads it compares.
"""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray

from ml.errors import ModelError
from ml.retrieval.packing import Codes, pack
from ml.sketch.raster import RasterSpec, rasterise
from ml.sketch.scribble import scribbled
from ml.sketch.sequence import compact, from_compact, sequence
from ml.sketch.strokes import Sketch

ENCODER, MANIFEST = "hasher.onnx", "hasher.json"
LEAST_EQUAL_BITS = 0.98  # logits near zero may change their sign with another processor's rounding
N_REFERENCES = 32


class SketchCodes:
    """Encodes one sketch at a time. Raises ModelError where the folder's files are missing or altered."""

    def __init__(self, folder: Path) -> None:
        try:
            manifest = json.loads((folder / MANIFEST).read_text())
            content = (folder / ENCODER).read_bytes()
            expected = manifest["sha256"]
            self.code_length: int = manifest["code_length"]
            self._raster = RasterSpec(**manifest["raster"])
            self._max_points: int = manifest["max_points"]
            self._inputs: list[str] = manifest["inputs"]
        except FileNotFoundError as error:
            raise ModelError(str(error.filename), "missing, the folder holds no exported hasher") from None
        except (ValueError, KeyError, TypeError):
            raise ModelError(str(folder / MANIFEST), "not the manifest of a hasher") from None
        if sha256(content).hexdigest() != expected:
            raise ModelError(str(folder / ENCODER), "its SHA-256 is not the manifest's, the file was altered")
        options = ort.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        self._session = ort.InferenceSession(content, options, providers=["CPUExecutionProvider"])
        if "reference_codes" in manifest:
            self._verify(folder, manifest["reference_codes"])

    def _verify(self, folder: Path, expected: list[str]) -> None:
        """Raises ModelError where the reference drawings get other codes here than at the export."""
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
                f"differs on this processor: {equal:.1%} of the bits are those of its export",
            )

    def reference_codes(self) -> list[str]:
        """The codes of the reference drawings, in hex."""
        return [bytes(self.code(drawing)).hex() for drawing in _drawings()]

    def logits(self, sketch: Sketch) -> NDArray[np.float32]:
        """Hash logits (K,)."""
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
        """The packed code (K / 8,)."""
        packed: Codes = pack(self.logits(sketch)[None])[0]
        return packed


def record_reference(folder: Path) -> None:
    """Put the codes of the reference drawings into the manifest of a hasher that was just exported."""
    manifest = json.loads((folder / MANIFEST).read_text())
    manifest.pop("reference_codes", None)
    codes = SketchCodes(folder).reference_codes()
    (folder / MANIFEST).write_text(json.dumps({**manifest, "reference_codes": codes}, indent=2) + "\n")


def _drawings() -> list[Sketch]:
    """Always the same."""
    drawings = []
    for seed in range(N_REFERENCES):
        rng = np.random.default_rng(seed)
        drawings.append(
            scribbled(rng, n_strokes=int(rng.integers(2, 8)), n_points=30, step=rng.uniform(2, 6))
        )
    return drawings
