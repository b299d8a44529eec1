"""The gallery index: an immutable folder of ids, hash codes and embeddings, with a manifest of SHA-256s.

manifest.json    {"encoder_sha256", "code_length", "embedding_dim", "n", "files": {name: sha256}, "built_at", "numbers"}
ids.npy          int64 (N,)
codes.npy        uint8 (N, K / 8), packed hash codes
embeddings.npy   float16 (N, D), unit length
keys.npy         uint8 (N, 16), digest of each item's content, by which a later build with the encoder reuses rows
products.npy     int64 (N,), the product that each item shows, if some product has several
centres.npz      the catalogue's centres (`ml.retrieval.centres`), if the encoder takes any
calibration.json how likely results are right (`ml.retrieval.calibration`); without it, the model's thresholds apply
greeting.json    what visitors see before they draw (`ml.retrieval.greeting`)
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ml.errors import IndexMismatchError
from ml.retrieval.calibration import CALIBRATION, Calibration
from ml.retrieval.centres import CENTRES, Centres
from ml.retrieval.files import sha256_of
from ml.retrieval.greeting import GREETING, Greeting

MANIFEST = "manifest.json"
FILES = ("ids.npy", "codes.npy", "embeddings.npy", "keys.npy")
PRODUCTS = "products.npy"
OPTIONAL = (CENTRES, CALIBRATION, GREETING, PRODUCTS)
KEY_BYTES = 16


@dataclass(frozen=True)
class Numbers:
    """The numerics that an index was built with: precision, and agreement with the model's reference."""

    precision: str
    least_mean_cosine: float | None  # None: the model has no reference
    sound: bool  # within the bounds for serving


@dataclass(frozen=True)
class IndexManifest:
    """How an index was built, and the SHA-256 of each of its files."""

    encoder_sha256: str
    code_length: int  # bits
    embedding_dim: int
    n: int
    files: dict[str, str]
    built_at: str  # ISO 8601
    numbers: Numbers | None = None  # None: built by a version that did not record them

    @classmethod
    def read(cls, folder: Path) -> IndexManifest:
        """Read and validate manifest.json.

        Raises IndexMismatchError naming the key that is missing or of the wrong type.
        """
        place = str(folder / MANIFEST)
        try:
            raw: Any = json.loads((folder / MANIFEST).read_text())
        except FileNotFoundError:
            raise IndexMismatchError(place, "missing; the folder is not a gallery index") from None
        except ValueError:
            raise IndexMismatchError(place, "not JSON; build the index again") from None
        kinds: dict[str, type] = {"encoder_sha256": str, "code_length": int, "embedding_dim": int, "n": int}
        kinds |= {"files": dict, "built_at": str}
        for key, kind in kinds.items():
            if not isinstance(raw, dict) or not isinstance(raw.get(key), kind):
                raise IndexMismatchError(f"{place}.{key}", f"missing or not of type {kind.__name__}")
        if set(raw["files"]) - {*OPTIONAL} != {*FILES}:
            raise IndexMismatchError(f"{place}.files", f"{sorted(raw['files'])}, must be {sorted(FILES)}")
        return cls(**{key: raw[key] for key in kinds}, numbers=_numbers(raw.get("numbers"), place))


@dataclass(frozen=True, eq=False)
class GalleryIndex:
    """An open index; row i of each array belongs to item i. Embeddings and keys are mapped from their files."""

    folder: Path
    manifest: IndexManifest
    sha256: str  # of manifest.json
    ids: NDArray[np.int64]  # (N,)
    codes: NDArray[np.uint8]  # (N, K / 8)
    embeddings: NDArray[np.float16]  # (N, D)
    keys: NDArray[np.uint8]  # (N, 16)
    centres: Centres | None = None  # None: the encoder's own
    calibration: Calibration | None = None  # None: the model's thresholds
    greeting: Greeting | None = None  # None: built by an earlier version
    products: NDArray[np.int64] | None = None  # (N,) the product of each item; None if each shows another

    @property
    def code_length(self) -> int:
        """Bits of a hash code."""
        return self.manifest.code_length

    def __len__(self) -> int:
        return self.manifest.n

    @classmethod
    def open(cls, folder: Path, *, expect_encoder_sha256: str, expect_code_length: int) -> GalleryIndex:
        """Open an index for one encoder.

        Raises IndexMismatchError if it was built with another encoder or code length, or by an encoder whose outputs
        differed from the model's reference, or if a file is missing or altered.
        """
        manifest = IndexManifest.read(folder)
        if manifest.encoder_sha256 != expect_encoder_sha256:
            found, wanted = manifest.encoder_sha256[:12], expect_encoder_sha256[:12]
            raise IndexMismatchError(
                "encoder_sha256",
                f"built by encoder {found}, expected {wanted}; build an index with that encoder",
            )
        if manifest.code_length != expect_code_length:
            found_bits = f"built with {manifest.code_length} bits, expected {expect_code_length}"
            raise IndexMismatchError("code_length", f"{found_bits}; build an index with this encoder")
        if manifest.numbers is not None and not manifest.numbers.sound:
            found = f"{manifest.numbers.precision}, mean cosine {manifest.numbers.least_mean_cosine}"
            raise IndexMismatchError(
                "numbers", f"built with {found} to the model's reference; build the index again"
            )
        for name, expected in manifest.files.items():
            if not (folder / name).is_file():
                raise IndexMismatchError(str(folder / name), "missing; build the index again")
            if sha256_of(folder / name) != expected:
                raise IndexMismatchError(
                    str(folder / name), "altered since it was built; build the index again"
                )
        arrays = {name: _mapped(folder / name, manifest.n) for name in FILES}
        ids, codes = np.array(arrays["ids.npy"]), arrays["codes.npy"]
        index = cls(
            folder,
            manifest,
            sha256_of(folder / MANIFEST),
            ids,
            codes,
            arrays["embeddings.npy"],
            arrays["keys.npy"],
            Centres.read(folder / CENTRES, manifest.embedding_dim) if CENTRES in manifest.files else None,
            Calibration.read(folder / CALIBRATION) if CALIBRATION in manifest.files else None,
            Greeting.read(folder / GREETING) if GREETING in manifest.files else None,
            np.array(_mapped(folder / PRODUCTS, manifest.n)) if PRODUCTS in manifest.files else None,
        )
        n, dim, n_bytes = manifest.n, manifest.embedding_dim, manifest.code_length // 8
        shapes = [ids.shape, codes.shape, index.embeddings.shape, index.keys.shape]
        shapes += [index.products.shape] if index.products is not None else []
        if shapes != [(n,), (n, n_bytes), (n, dim), (n, KEY_BYTES), (n,)][: len(shapes)]:
            raise IndexMismatchError(
                str(folder), f"arrays do not have the manifest's sizes {(n, n_bytes, dim)}"
            )
        return index


def _numbers(raw: object, place: str) -> Numbers | None:
    if raw is None:
        return None
    kinds = {"precision": str, "least_mean_cosine": (float, int, type(None)), "sound": bool}
    if not isinstance(raw, dict) or raw.keys() != kinds.keys():
        raise IndexMismatchError(f"{place}.numbers", f"expected the keys {', '.join(kinds)}")
    for key, kind in kinds.items():
        if not isinstance(raw[key], kind):  # type: ignore[arg-type]  # a type or a tuple of types
            raise IndexMismatchError(f"{place}.numbers.{key}", "wrong type")
    return Numbers(**raw)


def _mapped(path: Path, n: int) -> NDArray[Any]:
    """Map an array of a file, as a plain array because slices of the memmap class are slow; empty arrays are read."""
    return np.asarray(np.load(path, mmap_mode="r" if n else None, allow_pickle=False))
