"""Deep cross-modal hashing's likelihood of similar pairs, learned over fixed features.

Source: Jiang, Li, "Deep Cross-Modal Hashing", CVPR 2017. On pairs, with outputs F and G of the networks of both
modalities, Theta = F G^T / 2, and S_ij = 1 if sketch i and photo j have the same category, or else 0,

    min over B, F, G  - sum_ij (S_ij Theta_ij - log(1 + e^Theta_ij))
                      + gamma (||B - F||^2 + ||B - G||^2) + eta (||F^T 1||^2 + ||G^T 1||^2)

with gamma = eta = 1 as in the paper. For fixed F and G, the codes of the pairs are B = sgn(F + G). The paper's networks
are trained from images and text; these are a layer each over Gaussian kernels of fixed features.
"""

from __future__ import annotations

import numpy as np
from scipy.optimize import minimize

from ml.baselines.cross_modal.kernels import GaussianKernels
from ml.baselines.cross_modal.views import Doubles, Encoders, TwoViews, signs

GAMMA, ETA = 1.0, 1.0
DECAY = 0.1  # of the layers' weights, for which the paper has weight decay
ROUNDS, STEPS = 5, 20
MOST_PAIRS = 5000  # each step compares all pairs of them


def fit_dcmh(views: TwoViews, n_bits: int, seed: int) -> Encoders:
    """Fit the layers of both modalities, in turn with the codes of the pairs."""
    rng = np.random.default_rng(seed)
    rows = np.sort(rng.permutation(len(views.sketches))[:MOST_PAIRS])
    sketches, photos = views.sketches[rows], views.photos[views.drawn_from[rows]]
    kernels = GaussianKernels(sketches, seed), GaussianKernels(photos, seed)
    phi = kernels[0](sketches), kernels[1](photos)
    labels = views.sketch_labels[rows]
    S = (labels[:, None] == labels).astype(np.float64)
    n = phi[0].shape[1]
    layers = 0.1 * rng.standard_normal((n + phi[1].shape[1], n_bits))
    for _ in range(ROUNDS):
        codes = signs(phi[0] @ layers[:n] + phi[1] @ layers[n:])
        layers = layer_step(layers, phi, codes, S)
    return Encoders(kernels[0].encode(layers[:n]), kernels[1].encode(layers[n:]))


def layer_step(layers: Doubles, phi: tuple[Doubles, Doubles], B: Doubles, S: Doubles) -> Doubles:
    """Return both layers, stacked (n + m, K), after a few steps that lower the objective for fixed codes (N, K).

    phi: features of sketches (N, n) and photos (N, m).
    """
    n = phi[0].shape[1]

    def objective(flat: Doubles) -> tuple[float, Doubles]:
        W = flat.reshape(layers.shape)
        value, of_f, of_g = loss(phi[0] @ W[:n], phi[1] @ W[n:], B, S)
        gradient = np.concatenate([phi[0].T @ of_f, phi[1].T @ of_g]) + 2 * DECAY * W
        return value + DECAY * float(np.square(W).sum()), gradient.ravel()

    found = minimize(objective, layers.ravel(), jac=True, method="L-BFGS-B", options={"maxiter": STEPS})
    return np.asarray(found.x.reshape(layers.shape))


def loss(F: Doubles, G: Doubles, B: Doubles, S: Doubles) -> tuple[float, Doubles, Doubles]:
    """Return the objective for outputs and codes (n, K) of pairs, and its gradients by F and by G."""
    theta = F @ G.T / 2
    value = float((np.logaddexp(0, theta) - S * theta).sum())
    pull = (1 / (1 + np.exp(-theta)) - S) / 2
    balance = F.sum(axis=0), G.sum(axis=0)
    value += GAMMA * float(np.square(B - F).sum() + np.square(B - G).sum())
    value += ETA * float(np.square(balance[0]).sum() + np.square(balance[1]).sum())
    of_f = pull @ G + 2 * GAMMA * (F - B) + 2 * ETA * balance[0]
    of_g = pull.T @ F + 2 * GAMMA * (G - B) + 2 * ETA * balance[1]
    return value, of_f, of_g
