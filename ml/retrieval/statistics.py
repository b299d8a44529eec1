"""Statistics of how well a gallery's codes use their bits, and of class distances before quantisation."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ml.retrieval.packing import Codes, unpack


@dataclass(frozen=True)
class CodeStatistics:
    """Statistics of packed codes (N, K / 8).

    balance: (K,) share of ones of each bit, 0.5 is best. bit_entropy: mean entropy of the bits, at most 1. correlation:
    mean |correlation| of two different bits, 0 is best; constant bits count as 1. distinct: number of different codes.
    largest: frequency of the most frequent code. code_entropy: entropy in bits of the distribution of codes, at most
    log2 N. colliding: share of the pairs of items that have the same code.
    """

    balance: NDArray[np.float64]
    bit_entropy: float
    correlation: float
    distinct: int
    largest: int
    code_entropy: float
    colliding: float

    def summary(self) -> dict[str, float]:
        """Return the statistics as numbers for a result file."""
        off = np.abs(self.balance - 0.5)
        return {
            "bit_imbalance": float(off.mean()),
            "worst_bit_imbalance": float(off.max()),
            "bit_entropy": self.bit_entropy,
            "bit_correlation": self.correlation,
            "distinct_codes": self.distinct,
            "largest_bucket": self.largest,
            "code_entropy": self.code_entropy,
            "colliding_pairs": self.colliding,
        }


def code_statistics(codes: Codes) -> CodeStatistics:
    """Compute the statistics of packed codes, uint8 (N, K / 8), N at least 2."""
    bits = unpack(codes)
    n, n_bits = bits.shape
    balance = bits.mean(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        entropies = -np.nan_to_num(balance * np.log2(balance)) - np.nan_to_num(
            (1 - balance) * np.log2(1 - balance)
        )
    counts = np.unique(codes, axis=0, return_counts=True)[1]
    share = counts / n
    return CodeStatistics(
        balance=balance,
        bit_entropy=float(entropies.mean()),
        correlation=_correlation(bits.astype(np.float32), balance, n_bits),
        distinct=len(counts),
        largest=int(counts.max()),
        code_entropy=float(abs(np.sum(share * np.log2(share)))),
        colliding=float((counts * (counts - 1)).sum() / (n * (n - 1))),
    )


def _correlation(bits: NDArray[np.float32], balance: NDArray[np.float64], n_bits: int) -> float:
    deviation = np.sqrt(balance * (1 - balance))
    covariance = bits.T @ bits / len(bits) - np.outer(balance, balance)
    scale = np.outer(deviation, deviation)
    correlation = np.where(scale > 0, np.abs(covariance) / np.maximum(scale, 1e-12), 1.0)
    return float((correlation.sum() - np.trace(correlation)) / (n_bits * (n_bits - 1)))


def class_distances(features: NDArray[np.floating], labels: NDArray[np.integer]) -> dict[str, float]:
    """Return d1, d2 and d1 / d2 of SketchMate's Table 4 for features (N, K) and labels (N,) of at least two classes.

    d1: mean over classes of the mean squared distance of a class's members to its mean. d2: mean squared distance between
    the means of two different classes. The paper does not say that distances are squared, but its values of d2 above 4
    for 16 bits in (0, 1) are not possible otherwise.
    """
    classes, number = np.unique(labels, return_inverse=True)
    counts = np.bincount(number)[:, None]
    means = np.zeros((len(classes), features.shape[1]))
    np.add.at(means, number, features)
    means /= counts
    spread = np.bincount(number, weights=((features - means[number]) ** 2).sum(axis=1)) / counts[:, 0]
    # Mean over ordered pairs of ||a - b||^2 = 2 (mean ||a||^2 - ||mean a||^2) L / (L - 1).
    n = len(classes)
    centred = means - means.mean(axis=0)
    between = 2 * (centred**2).sum() / (n - 1)
    within = float(spread.mean())
    return {"d1": within, "d2": float(between), "d1/d2": within / max(float(between), 1e-12)}
