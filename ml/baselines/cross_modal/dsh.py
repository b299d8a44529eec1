"""Deep sketch hashing's codes, with its cross-view term, learned over fixed features.

Source: Liu, Shen, Shen, Liu, Shao, "Deep Sketch Hashing: Fast Free-hand Sketch-Based Image Retrieval", CVPR 2017. With
W_ij = 1 if sketch i and photo j have the same category, or else 0, and label vectors Y (as in GDH, Eq. 4; the paper has
word vectors),

    min over B_S, B_P, D  ||B_S B_P^T - K W||^2 + lambda (||B_S - Y_S D||^2 + ||B_P - Y_P D||^2 + ||D||^2)
                          + gamma (||F_S - B_S||^2 + ||F_P - B_P||^2),    B in {-1, +1}

D has a closed form; B_S and B_P are optimised bit by bit. F are the outputs of hash functions. The paper's are networks,
trained from images together with the codes; these are kernel ridge regressions over fixed features. With -1 for
different categories, nearly all of W is -1, and the best codes of all sketches are the opposite of those of all photos.
"""

from __future__ import annotations

import numpy as np

from ml.baselines.cross_modal.kernels import GaussianKernels
from ml.baselines.cross_modal.views import Doubles, Encoders, Labels, TwoViews, signs
from ml.baselines.hashing.sdh import discrete_codes

LAMBDA, GAMMA = 0.01, 1e-5
ITERATIONS = 5
RIDGE = 0.01


def fit_dsh(views: TwoViews, n_bits: int, seed: int) -> Encoders:
    """Fit codes and hash functions in alternation."""
    rng = np.random.default_rng(seed)
    classes = np.union1d(views.sketch_labels, views.photo_labels)
    Y = [_one_hot(labels, classes) for labels in (views.sketch_labels, views.photo_labels)]
    kernels = [GaussianKernels(features, seed) for features in (views.sketches, views.photos)]
    phi = [kernel(features) for kernel, features in zip(kernels, (views.sketches, views.photos), strict=True)]
    B = [signs(rng.standard_normal((len(y), n_bits))) for y in Y]
    weights = [ridge_regression(p, b) for p, b in zip(phi, B, strict=True)]
    for _ in range(ITERATIONS):
        D = basis_step(Y, B)
        for own, other in ((0, 1), (1, 0)):
            outputs = phi[own] @ weights[own]
            B[own] = cross_view_step(B[own], B[other], Y[own], Y[other], D, outputs)
        weights = [ridge_regression(p, b) for p, b in zip(phi, B, strict=True)]
    return Encoders(kernels[0].encode(weights[0]), kernels[1].encode(weights[1]))


def basis_step(Y: list[Doubles], B: list[Doubles]) -> Doubles:
    """Return D = (Y^T Y + I)^-1 Y^T B, (C, K), of the label vectors and codes of both modalities, stacked."""
    stacked, codes = np.concatenate(Y), np.concatenate(B)
    return np.asarray(np.linalg.solve(stacked.T @ stacked + np.eye(stacked.shape[1]), stacked.T @ codes))


def cross_view_step(
    own: Doubles, other: Doubles, own_classes: Doubles, other_classes: Doubles, D: Doubles, outputs: Doubles
) -> Doubles:
    """Return codes (N, K) of one modality that lower the objective for fixed codes (M, K) of the other.

    own_classes, other_classes: label vectors (N, C) and (M, C). D: (C, K). outputs: F (N, K). W is Y Y'^T.
    """
    agreed = own_classes @ (other_classes.T @ other)  # W B', (N, K)
    wanted = own.shape[1] * agreed + LAMBDA * own_classes @ D + GAMMA * outputs
    return discrete_codes(own, wanted, other.T @ other)


def ridge_regression(phi: Doubles, B: Doubles) -> Doubles:
    """Return the weights (n, K) of codes (N, K) on features (N, n)."""
    return np.asarray(np.linalg.solve(phi.T @ phi + RIDGE * np.eye(phi.shape[1]), phi.T @ B))


def _one_hot(labels: Labels, classes: Labels) -> Doubles:
    return np.asarray(labels[:, None] == classes, dtype=np.float64)
