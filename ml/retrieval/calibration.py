"""How likely a result is right, by a catalogue's own calibration, and the words for it.

    P(right) = logistic(b + w . evidence)

fitted when the index is built, without labels: once for searches by shape, once for those that also rank by what a
recogniser says. The file is versioned JSON beside the index's arrays.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from ml.errors import IndexMismatchError
from ml.retrieval.evidence import BY_NAME, BY_SHAPE, evidence
from ml.retrieval.hits import Hits
from ml.retrieval.logistic import Logistic
from ml.retrieval.name_prior import NamePrior

CALIBRATION = "calibration.json"
VERSION = 2
STRONG, FAIR = 0.75, 0.4  # probabilities of being right
Match = Literal["strong", "fair", "weak"]


@dataclass(frozen=True, eq=False)
class Judge:
    """Judges results. nothing_below: if none is as likely to be right, nothing resembles the sketch."""

    model: Logistic
    nothing_below: float


@dataclass(frozen=True, eq=False)
class Judgement:
    """probabilities: of each hit being right, float64 (n,). nothing_close: whether nothing resembles the sketch."""

    probabilities: NDArray[np.float64]
    nothing_close: bool

    @property
    def words(self) -> list[Match]:
        """The word for each hit."""
        return [_word(probability) for probability in self.probabilities.tolist()]


@dataclass(frozen=True, eq=False)
class Calibration:
    """Judges of searches by shape and, if there was a recogniser, of searches by names; its SHA-256 tells which."""

    shape: Judge
    named: Judge | None = None
    recogniser_sha256: str = ""

    def judged(self, hits: Hits, prior: NamePrior | None, recogniser_sha256: str = "") -> Judgement:
        """Judge the hits of a search. With another recogniser than the one it was fitted to, they are judged by shape."""
        judge = self.named if prior is not None and recogniser_sha256 == self.recogniser_sha256 else None
        found = (judge or self.shape).model.probabilities(evidence(hits, prior if judge else None))
        close = bool(len(found)) and float(found.max()) >= (judge or self.shape).nothing_below
        return Judgement(found, not close)

    def content(self) -> bytes:
        """Return the content of the file."""
        raw = {
            "version": VERSION,
            "shape": _described(self.shape, BY_SHAPE),
            "named": None if self.named is None else _described(self.named, BY_NAME),
            "recogniser_sha256": self.recogniser_sha256,
        }
        return (json.dumps(raw, indent=1) + "\n").encode()

    @classmethod
    def read(cls, path: Path) -> Calibration:
        """Read a file. Raises IndexMismatchError naming the key that is missing or wrong."""
        try:
            raw: Any = json.loads(path.read_bytes())
        except (OSError, ValueError) as error:
            raise IndexMismatchError(str(path), f"not a calibration: {error}") from None
        if not isinstance(raw, dict) or raw.get("version") != VERSION:
            raise IndexMismatchError(f"{path}.version", f"expected {VERSION}; build the index again")
        sha256 = raw.get("recogniser_sha256")
        if not isinstance(sha256, str):
            raise IndexMismatchError(f"{path}.recogniser_sha256", "missing or not a text")
        named = raw.get("named")
        return cls(
            _judge(raw.get("shape"), BY_SHAPE, f"{path}.shape"),
            None if named is None else _judge(named, BY_NAME, f"{path}.named"),
            sha256,
        )


def _word(probability: float) -> Match:
    return "strong" if probability >= STRONG else "fair" if probability >= FAIR else "weak"


def _described(judge: Judge, features: Sequence[str]) -> dict[str, Any]:
    weights = dict(zip(features, judge.model.weights.tolist(), strict=True))
    return {
        "weights": weights,
        "intercept": judge.model.intercept,
        "nothing_below": judge.nothing_below,
    }


def _judge(raw: Any, features: Sequence[str], place: str) -> Judge:
    try:
        weights = [float(raw["weights"][name]) for name in features]
        intercept, nothing_below = float(raw["intercept"]), float(raw["nothing_below"])
    except (KeyError, TypeError, ValueError) as error:
        raise IndexMismatchError(place, f"missing or not a number: {error}") from None
    if len(raw["weights"]) != len(features) or not np.isfinite([*weights, intercept, nothing_below]).all():
        raise IndexMismatchError(place, f"expected finite weights of {', '.join(features)}")
    return Judge(Logistic(np.array(weights), intercept), nothing_below)
