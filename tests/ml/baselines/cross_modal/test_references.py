"""Each cross-modal method against a slow, straightforward reference, or a worked example."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.linalg import cho_factor, eig
from scipy.optimize import check_grad
from sklearn.cross_decomposition import CCA
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

from ml.baselines.cross_modal import cmfh, cmssh, cvfl, dcmh, dsh, scm, seph, xqda
from ml.baselines.cross_modal.canonical import canonical_directions, leading_pair
from ml.baselines.cross_modal.cvh import fit_cvh
from ml.baselines.cross_modal.plsr import fit_plsr
from ml.baselines.cross_modal.views import TwoViews, covariance, signs
from tests.support.two_views import two_views


def test_cmfh_each_step_minimises_the_objective() -> None:
    rng = np.random.default_rng(0)
    X = rng.standard_normal((20, 4)), rng.standard_normal((20, 3))
    ridges = (cmfh.GAMMA, 2.0)
    factors = tuple(
        cho_factor(x.T @ x + r / cmfh.MU * np.eye(x.shape[1])) for x, r in zip(X, ridges, strict=True)
    )
    V = rng.standard_normal((20, 2))
    U, P = cmfh.basis_step(X, V), cmfh.projection_step(X, V, factors)
    lowest = cmfh.objective(X, U, P, V, ridges)
    for _ in range(20):
        moved = tuple(u + 1e-3 * rng.standard_normal(u.shape) for u in U)
        assert cmfh.objective(X, moved, P, V, ridges) > lowest
        moved = tuple(p + 1e-3 * rng.standard_normal(p.shape) for p in P)
        assert cmfh.objective(X, U, moved, V, ridges) > lowest
    V = cmfh.code_step(X, U, P)
    lowest = cmfh.objective(X, U, P, V, ridges)
    for _ in range(20):
        assert cmfh.objective(X, U, P, V + 1e-3 * rng.standard_normal(V.shape), ridges) > lowest


def test_cmssh_products_are_the_sum_over_pairs() -> None:
    rng = np.random.default_rng(0)
    X, Y = rng.standard_normal((5, 3)), rng.standard_normal((4, 2))
    i, j, weights = rng.integers(0, 5, 30), rng.integers(0, 4, 30), rng.standard_normal(30)
    summed = sum(weights[k] * np.outer(X[i[k]], Y[j[k]]) for k in range(30))
    np.testing.assert_allclose(cmssh.weighted_products(X, Y, i, j, weights), summed)


def test_cmssh_offset_is_the_best_of_all() -> None:
    rng = np.random.default_rng(1)
    projected, wanted = rng.integers(-4, 4, 40).astype(float), rng.standard_normal(40)
    tried = [float(wanted @ signs(projected + a)) for a in np.arange(-6, 6, 0.25)]
    offset = cmssh.best_offset(projected, wanted)
    assert float(wanted @ signs(projected + offset)) == pytest.approx(max(tried))


def test_cmssh_pairs_are_half_of_one_category() -> None:
    labels = np.arange(6) % 3
    i, j, s = cmssh.sampled_pairs(labels, labels, np.random.default_rng(0))
    assert ((labels[i] == labels[j]) == (s > 0)).all()
    assert (s > 0).mean() == 0.5
    assert len({*zip(i.tolist(), j.tolist(), strict=True)}) == 36


def test_scm_products_equal_those_with_the_whole_similarity() -> None:
    views = two_views(40, 0)
    X, Y = views.centred()
    S = np.where(views.sketch_labels[:, None] == views.photo_labels, 1, -1)
    np.testing.assert_allclose(scm.similarity_products(views), X.T @ S @ Y, atol=1e-9)


def test_scm_seq_subtracts_the_signs_of_earlier_bits() -> None:
    """The second bit maximises the products with K S minus the first bit's, formed here as a whole matrix."""
    views = two_views(60, 0, ridge=0.0)
    X, Y = views.centred()
    encoders = scm.fit_scm_seq(views, 2, 0)
    first_x, first_y = encoders.sketch(views.sketches)[:, 0], encoders.photo(views.photos)[:, 0]
    S = np.where(views.sketch_labels[:, None] == views.photo_labels, 1, -1)
    left = 2 * S - np.outer(np.where(first_x > 0, 1, -1), np.where(first_y > 0, 1, -1))
    W, V, _ = canonical_directions(covariance(X, 0), covariance(Y, 0), X.T @ left @ Y, 1)
    second = encoders.sketch(views.sketches)[:, 1], encoders.photo(views.photos)[:, 1]
    assert abs(np.corrcoef(X @ W[:, 0], second[0])[0, 1]) == pytest.approx(1, abs=1e-4)
    assert abs(np.corrcoef(Y @ V[:, 0], second[1])[0, 1]) == pytest.approx(1, abs=1e-4)


def test_cvh_solves_the_papers_eigenproblem() -> None:
    """The joint problem of both modalities, solved by a general solver of unsymmetric matrices."""
    views = two_views(80, 0, ridge=0.0)
    X, Y = views.pairs()
    zero_x, zero_y = np.zeros((12, 12)), np.zeros((12, 12))
    values, vectors = eig(
        np.block([[zero_x, X.T @ Y], [Y.T @ X, zero_y]]),
        np.block([[X.T @ X, zero_x], [zero_y, Y.T @ Y]]),
    )
    best = vectors[:, np.argsort(-values.real)[:3]].real
    encoders = fit_cvh(views, 3, 0)
    found = encoders.sketch(views.sketches)
    for bit in range(3):
        assert abs(np.corrcoef(X @ best[:12, bit], found[:, bit])[0, 1]) == pytest.approx(1, abs=1e-4)


def test_canonical_correlations_equal_those_of_scikit_learn() -> None:
    X, Y = two_views(200, 0).pairs()
    W, V, correlations = canonical_directions(covariance(X, 0), covariance(Y, 0), X.T @ Y / len(X), 3)
    theirs = CCA(3, scale=False, max_iter=5000, tol=1e-12).fit(X, Y)
    left, right = theirs.transform(X, Y)
    for n in range(3):
        assert correlations[n] == pytest.approx(np.corrcoef(left[:, n], right[:, n])[0, 1], abs=1e-4)
        assert np.corrcoef(X @ W[:, n], Y @ V[:, n])[0, 1] == pytest.approx(correlations[n], abs=1e-6)
    np.testing.assert_allclose(W.T @ covariance(X, 0) @ W, np.eye(3), atol=1e-8)


def test_the_leading_pair_equals_that_of_the_whole_decomposition() -> None:
    matrix = np.random.default_rng(0).standard_normal((7, 5))
    left, right = leading_pair(matrix, np.random.default_rng(1))
    assert left @ matrix @ right == pytest.approx(np.linalg.norm(matrix, 2))
    assert left.sum() > 0


def test_seph_gradient_is_that_of_the_divergence() -> None:
    rng = np.random.default_rng(0)
    P = seph.affinities(rng.integers(0, 3, 9))
    H = rng.standard_normal((9, 4))
    error = check_grad(
        lambda h: seph.divergence(h.reshape(9, 4), P)[0],
        lambda h: seph.divergence(h.reshape(9, 4), P)[1],
        H.ravel(),
    )
    assert error < 1e-5


def test_seph_divergence_of_a_worked_example() -> None:
    """Items 0 and 1 are alike and differ in one bit; item 2 differs from them in two bits and in one."""
    H = np.array([[1.0, 1.0], [1.0, -1.0], [-1.0, -1.0]])
    value, _ = seph.divergence(H, seph.affinities(np.array([0, 0, 1])))
    shares = np.array([1 / 2, 1 / 3, 1 / 2])  # 1 / (1 + Hamming distance)
    assert value == pytest.approx(-np.log(shares[0] / (2 * shares.sum())))


def test_seph_codes_of_a_category_agree() -> None:
    labels = np.repeat(np.arange(4), 10)
    bits = seph.semantic_codes(seph.affinities(labels), 8, np.random.default_rng(0)) > 0
    same = (bits[:, None] == bits).mean(axis=2)
    assert same[labels[:, None] == labels].mean() > 0.95
    assert same[labels[:, None] != labels].mean() < 0.7


def test_xqda_covariances_equal_those_of_the_differences() -> None:
    views = two_views(24, 0)
    X, Y = views.centred()
    same: list[np.ndarray] = []
    other: list[np.ndarray] = []
    for x, of_sketch in zip(X, views.sketch_labels, strict=True):
        for y, of_photo in zip(Y, views.photo_labels, strict=True):
            (same if of_sketch == of_photo else other).append(np.outer(x - y, x - y))
    within, between = xqda.difference_covariances(views)
    np.testing.assert_allclose(within, np.stack(same).mean(axis=0), atol=1e-9)
    np.testing.assert_allclose(between, np.stack(other).mean(axis=0), atol=1e-9)


def test_xqda_distances_are_the_quadratic_form() -> None:
    rng = np.random.default_rng(0)
    queries, gallery, metric = (rng.standard_normal(shape) for shape in ((3, 4), (5, 4), (4, 4)))
    metric = metric + metric.T
    expected = [[(q - g) @ metric @ (q - g) for g in gallery] for q in queries]
    np.testing.assert_allclose(xqda.quadratic_distances(queries, gallery, metric), expected, rtol=1e-4)


def test_xqda_in_one_modality_finds_the_discriminant_direction() -> None:
    rng = np.random.default_rng(0)
    labels = np.repeat([0, 1], 200)
    X = (rng.standard_normal((400, 3)) * [1, 3, 1] + labels[:, None] * [1, 1, 0]).astype(np.float32)
    views = TwoViews(X, X, labels, labels, np.arange(400), ridge=0.0)
    distances = xqda.fit_xqda(views, 1, 0)(X, X)
    axis = LinearDiscriminantAnalysis().fit(X, labels).decision_function(X)
    expected = np.square(axis[:, None] - axis)
    assert abs(np.corrcoef(distances.ravel(), expected.ravel())[0, 1]) > 0.95


def test_cvfl_map_is_stationary_and_smooth_over_related_features() -> None:
    rng = np.random.default_rng(0)
    X, Y = rng.standard_normal((30, 4)), rng.standard_normal((30, 3))
    Y[:, 1] = Y[:, 0] + 0.5 * rng.standard_normal(30)
    laplacian = cvfl.feature_laplacian(Y)
    np.testing.assert_allclose(laplacian.sum(axis=0), 0, atol=1e-12)
    W = cvfl.smooth_map(X, Y, laplacian, 2.0, 3.0)
    residual = (X.T @ X + 2 * np.eye(4)) @ W + 3 * W @ laplacian - X.T @ Y
    np.testing.assert_allclose(residual, 0, atol=1e-9)
    rough = cvfl.smooth_map(X, Y, laplacian, 2.0, 0.0)
    assert np.linalg.norm(W[:, 0] - W[:, 1]) < np.linalg.norm(rough[:, 0] - rough[:, 1])


def test_plsr_with_all_components_is_least_squares() -> None:
    views = two_views(100, 0)
    X, Y = views.pairs()
    predicted = X @ np.linalg.lstsq(X, Y, rcond=None)[0]
    unit = [rows / np.linalg.norm(rows, axis=1, keepdims=True) for rows in (predicted, Y[::2])]
    distances = fit_plsr(views, 12, 0)(views.sketches, views.photos)
    np.testing.assert_allclose(distances, 1 - unit[0] @ unit[1].T, atol=1e-3)


def test_dsh_no_single_bit_change_lowers_the_objective() -> None:
    """With the whole similarity matrix of 9 sketches and 12 photos of three categories."""
    rng = np.random.default_rng(0)
    Y = [np.eye(3)[np.arange(n) % 3] for n in (9, 12)]
    B = [rng.choice([-1.0, 1.0], (len(y), 4)) for y in Y]
    outputs, D = rng.standard_normal((9, 4)), dsh.basis_step(Y, B)
    W = Y[0] @ Y[1].T

    def objective(codes: np.ndarray) -> float:
        value = np.square(codes @ B[1].T - 4 * W).sum() + dsh.LAMBDA * np.square(codes - Y[0] @ D).sum()
        return float(value + dsh.GAMMA * np.square(outputs - codes).sum())

    codes = dsh.cross_view_step(B[0], B[1], Y[0], Y[1], D, outputs)
    assert objective(codes) < objective(B[0])
    for item, bit in np.ndindex(codes.shape):
        flipped = codes.copy()
        flipped[item, bit] *= -1
        assert objective(flipped) >= objective(codes) - 1e-9


def test_dcmh_gradients_and_a_worked_value() -> None:
    rng = np.random.default_rng(0)
    F, G, B = rng.standard_normal((5, 3)), rng.standard_normal((5, 3)), rng.choice([-1.0, 1.0], (5, 3))
    S = (np.arange(5)[:, None] % 2 == np.arange(5) % 2).astype(float)

    def of(flat: np.ndarray) -> tuple[float, np.ndarray]:
        value, of_f, of_g = dcmh.loss(flat[:15].reshape(5, 3), flat[15:].reshape(5, 3), B, S)
        return value, np.concatenate([of_f.ravel(), of_g.ravel()])

    flat = np.concatenate([F.ravel(), G.ravel()])
    assert check_grad(lambda x: of(x)[0], lambda x: of(x)[1], flat) < 1e-4
    one = np.ones((1, 2))
    value, _, _ = dcmh.loss(
        one, one, one, np.ones((1, 1))
    )  # Theta = 1, outputs equal codes, sums 1 in each bit
    assert value == pytest.approx(np.log1p(np.e) - 1 + 4)
