"""Collective matrix factorisation hashing: one latent code per pair, from which both modalities are reconstructed.

Source: Ding, Guo, Zhou, "Collective Matrix Factorization Hashing for Multimodal Data", CVPR 2014. With rows as pairs,

    min over U_t, P_t, V  sum_t lambda_t ||X_t - V U_t||^2 + mu sum_t ||V - X_t P_t||^2
                          + gamma (||U_t||^2 + ||P_t||^2 + ||V||^2)

by closed-form steps in turn, with the paper's lambda = .5, mu = 100 and gamma = .01. The hash functions are the signs of
X_t P_t. On few pairs, gamma / mu leaves P_t free to fit any V, also the random one of the start: the P step has a ridge
of its own.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.linalg import cho_factor, cho_solve

from ml.baselines.cross_modal.views import Doubles, Encoders, TwoViews, projections

LAMBDA, MU, GAMMA = (0.5, 0.5), 100.0, 0.01
ITERATIONS, TOLERANCE = 100, 1e-5
Matrices = tuple[Doubles, ...]


def fit_cmfh(views: TwoViews, n_bits: int, seed: int) -> Encoders:
    """Fit the projections P_t of both modalities."""
    X = views.pairs()
    ridges = tuple(GAMMA + MU * views.ridge * float(np.square(x).sum()) / x.shape[1] for x in X)
    V = np.random.default_rng(seed).standard_normal((len(X[0]), n_bits))
    factors = tuple(
        cho_factor(x.T @ x + ridge / MU * np.eye(x.shape[1])) for x, ridge in zip(X, ridges, strict=True)
    )
    P = projection_step(X, V, factors)
    before = np.inf
    for _ in range(ITERATIONS):
        U = basis_step(X, V)
        V = code_step(X, U, P)
        P = projection_step(X, V, factors)
        now = objective(X, U, P, V, ridges)
        if before - now <= TOLERANCE * now:
            break
        before = now
    photos = views.photos[views.drawn_from]
    return projections(views.sketches.mean(axis=0), P[0], photos.mean(axis=0), P[1])


def basis_step(X: Matrices, V: Doubles) -> Matrices:
    """Return U_t = (V^T V + gamma / lambda_t I)^-1 V^T X_t, (K, F) of each modality."""
    gram, eye = V.T @ V, np.eye(V.shape[1])
    return tuple(
        np.asarray(np.linalg.solve(gram + GAMMA / w * eye, V.T @ x), dtype=np.float64)
        for x, w in zip(X, LAMBDA, strict=True)
    )


def projection_step(X: Matrices, V: Doubles, factors: tuple[Any, ...]) -> Matrices:
    """Return P_t = (X_t^T X_t + ridge_t / mu I)^-1 X_t^T V, (F, K) of each modality; with ridge_t = gamma, the paper's.

    factors: the Cholesky factors of the inverted matrices, by `scipy.linalg.cho_factor`.
    """
    return tuple(np.asarray(cho_solve(factor, x.T @ V)) for x, factor in zip(X, factors, strict=True))


def code_step(X: Matrices, U: Matrices, P: Matrices) -> Doubles:
    """Return V = (sum_t lambda_t X_t U_t^T + mu X_t P_t) (sum_t lambda_t U_t U_t^T + (2 mu + gamma) I)^-1, (n, K)."""
    K = len(U[0])
    system = (len(X) * MU + GAMMA) * np.eye(K)
    wanted = np.zeros((len(X[0]), K))
    for x, u, p, weight in zip(X, U, P, LAMBDA, strict=True):
        system += weight * u @ u.T
        wanted += weight * x @ u.T + MU * x @ p
    return np.asarray(np.linalg.solve(system, wanted.T).T)


def objective(X: Matrices, U: Matrices, P: Matrices, V: Doubles, ridges: tuple[float, ...]) -> float:
    """Return the value that the steps lower."""
    value = GAMMA * float(np.square(V).sum())
    for x, u, p, weight, ridge in zip(X, U, P, LAMBDA, ridges, strict=True):
        value += weight * float(np.square(x - V @ u).sum()) + MU * float(np.square(V - x @ p).sum())
        value += GAMMA * float(np.square(u).sum()) + ridge * float(np.square(p).sum())
    return value
