"""Reference inputs of a model and their expected outputs, to verify an encoder on the processor it runs on.

A model folder holds `reference.npz`: a few dozen images of each domain and the outputs of the fp32 network at export.
Kernels for other processors may round differently, and some saturate; comparing on load ensures that an encoder gives
the results that the model was measured with.
"""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ml.errors import ModelError

REFERENCE = "reference.npz"
# Mean cosine to the reference, in every domain. fp32 kernels differ only by rounding; a sound int8 file has .996.
LEAST_MEAN_COSINE: Mapping[str, float] = {"fp32": 0.9995, "int8": 0.98}
_ARRAYS = {
    "images": ("uint8", 4),
    "domains": ("int64", 1),
    "embeddings": ("float32", 2),
    "hash_codes": ("uint8", 2),
}


@dataclass(frozen=True, eq=False)
class Reference:
    """Images, uint8 (R, S, S, 3), domains, int64 (R,), fp32 embeddings (R, D) and packed hash codes (R, K / 8)."""

    images: NDArray[np.uint8]
    domains: NDArray[np.int64]
    embeddings: NDArray[np.float32]
    hash_codes: NDArray[np.uint8]

    @classmethod
    def read(cls, path: Path) -> Reference:
        """Read a file. Raises ModelError if it is missing, unreadable or holds other arrays."""
        return cls(**read_arrays(path, _ARRAYS))

    def content(self) -> bytes:
        """Return the content of the file."""
        return arrays_content({name: getattr(self, name) for name in _ARRAYS})


@dataclass(frozen=True)
class Agreement:
    """Agreement of an encoder's outputs with the reference: cosines by domain number, and the share of equal bits."""

    mean_cosine: Mapping[int, float]
    lowest_cosine: Mapping[int, float]
    equal_bits: float

    @classmethod
    def of(
        cls, reference: Reference, embeddings: NDArray[np.float32], hash_codes: NDArray[np.uint8]
    ) -> Agreement:
        """Compare embeddings (R, D) and packed hash codes (R, K / 8) of the reference's images with its own."""
        cosines = np.nan_to_num(np.sum(embeddings * reference.embeddings, axis=1), nan=-1.0)
        domains = np.unique(reference.domains).tolist()
        by_domain = {domain: cosines[reference.domains == domain] for domain in domains}
        differing = np.unpackbits(hash_codes ^ reference.hash_codes, axis=1)
        return cls(
            mean_cosine={domain: round(float(rows.mean()), 4) for domain, rows in by_domain.items()},
            lowest_cosine={domain: round(float(rows.min()), 4) for domain, rows in by_domain.items()},
            equal_bits=round(1 - float(differing.mean()), 4),
        )

    @property
    def least_mean_cosine(self) -> float:
        """Mean cosine of the domain with the lowest one."""
        return min(self.mean_cosine.values())

    def within(self, precision: str) -> bool:
        """Return whether an encoder of that precision may serve."""
        return self.least_mean_cosine >= LEAST_MEAN_COSINE[precision]

    def shortfall(self, precision: str) -> str:
        """Return the mean cosine and the one that a precision requires, as text."""
        needed = LEAST_MEAN_COSINE[precision]
        return f"mean cosine {self.least_mean_cosine} to the reference, at least {needed} required"


def read_arrays(path: Path, kinds: Mapping[str, tuple[str, int]]) -> dict[str, NDArray[Any]]:
    """Return arrays of equal length from a file of reference inputs. kinds: name -> dtype and number of dimensions.

    Raises ModelError if the file is missing, unreadable or holds other arrays.
    """
    try:
        with np.load(path, allow_pickle=False) as stored:
            arrays = {name: np.asarray(stored[name]) for name in kinds}
    except FileNotFoundError:
        raise ModelError(str(path), "missing") from None
    except (OSError, EOFError, ValueError, KeyError, zipfile.BadZipFile) as error:
        raise ModelError(str(path), f"not a file of reference inputs: {error}") from None
    sizes = {len(array) for array in arrays.values()}
    as_expected = all((str(arrays[name].dtype), arrays[name].ndim) == kind for name, kind in kinds.items())
    if len(sizes) != 1 or 0 in sizes or not as_expected:
        raise ModelError(str(path), f"expected arrays of equal length: {', '.join(kinds)}")
    return arrays


def arrays_content(arrays: Mapping[str, NDArray[Any]]) -> bytes:
    """Return the content of a file that `read_arrays` reads."""
    stream = BytesIO()
    saved: dict[str, Any] = dict(arrays)
    np.savez_compressed(stream, **saved)
    return stream.getvalue()
