"""Bradley-Terry against Agresti's baseball tables, a generic minimiser, and a crowd with known skill."""

import numpy as np
import pytest
from scipy.optimize import minimize

from annotation.consensus.bradley_terry import BradleyTerry, Priors, bradley_terry

# American League East, 1987 (A. Agresti, Categorical Data Analysis, 2002, tables 10.10 and 10.11): rows are home teams,
# columns guests; games won and lost by the home team.
TEAMS = ("Milwaukee", "Detroit", "Toronto", "New York", "Boston", "Cleveland", "Baltimore")
GAMES = """
 -  4-3 4-2 4-3 6-1 4-2 6-0
3-3  -  4-2 4-3 6-0 6-1 4-3
2-5 4-3  -  2-4 4-3 4-2 6-0
3-3 5-1 2-5  -  4-3 4-2 6-1
5-1 2-5 3-3 4-2  -  5-2 6-0
2-5 3-3 3-4 4-3 4-2  -  2-4
2-5 1-5 1-6 2-4 1-6 3-4  -
"""
PLAIN = {
    "Milwaukee": 1.58, "Detroit": 1.44, "Toronto": 1.29, "New York": 1.25, "Boston": 1.11, "Cleveland": 0.68
}  # fmt: skip
SHARES_AT_HOME = [0.220, 0.190, 0.164, 0.157, 0.137, 0.088, 0.044]
HOME_ADVANTAGE = 0.302
FIXED = 1e12  # a precision that fixes a value at its mean


def season() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return home team, guests and whether the home team won, (G,) each."""
    rows = []
    for home, line in enumerate(GAMES.strip().splitlines()):
        for away, cell in enumerate(line.split()):
            if cell != "-":
                won, lost = map(int, cell.split("-"))
                rows += [(home, away, True)] * won + [(home, away, False)] * lost
    home, away, won = np.array(rows).T
    return home, away, won.astype(bool)


def baseball(left_bias: float) -> BradleyTerry:
    home, away, won = season()
    nobody = np.zeros_like(home)
    priors = Priors(strength=0, skill=FIXED, left_bias=left_bias)
    return bradley_terry(nobody, home, away, nobody, won, n_candidates=len(TEAMS), priors=priors)


def test_reproduces_the_plain_table() -> None:
    fit = baseball(left_bias=FIXED)
    above_baltimore = fit.strengths[0] - fit.strengths[0, -1]
    for team, value in zip(TEAMS, above_baltimore, strict=True):
        assert round(float(value), 2) == PLAIN.get(team, 0.0), team


def test_reproduces_the_home_field_as_left_bias() -> None:
    fit = baseball(left_bias=0)
    share = np.exp(fit.strengths[0]) / np.exp(fit.strengths[0]).sum()
    assert sorted(np.round(share, 3), reverse=True) == SHARES_AT_HOME
    assert round(float(fit.left_bias[0]), 3) == HOME_ADVANTAGE


def test_equals_the_slow_fixed_point_of_the_plain_model() -> None:
    """Zermelo's iteration: strength = wins / sum over games of 1 / (own + other's)."""
    home, away, won = season()
    worth = np.ones(len(TEAMS))
    for _ in range(600):
        wins, games = np.zeros(len(TEAMS)), np.zeros(len(TEAMS))
        for h, a, w in zip(home, away, won, strict=True):
            wins[h if w else a] += 1
            games[h] += 1 / (worth[h] + worth[a])
            games[a] += 1 / (worth[h] + worth[a])
        worth = wins / games
        worth /= np.exp(np.log(worth).mean())
    assert np.abs(np.log(worth) - baseball(left_bias=FIXED).strengths[0]).max() < 1e-6


@pytest.mark.parametrize("seed", [0, 1])
def test_equals_a_general_minimiser_over_everything_at_once(seed: int) -> None:
    votes = crowd(seed, n_sketches=4, n_workers=6, skills=[1, 1, 1, 2, 0, 0.5], bias=[0, 0, 1, 0, 0, -0.5])
    sketch, left, right, worker, chose_left = votes
    priors = Priors()
    fit = bradley_terry(*votes, n_candidates=5, priors=priors)

    sketch, left, right, worker, chose_left = votes

    def loss(x: np.ndarray) -> float:
        strengths, skill, bias = x[:20].reshape(4, 5), x[20:26], x[26:]
        logit = skill[worker] * (strengths[sketch, left] - strengths[sketch, right]) + bias[worker]
        misses = np.logaddexp(0, np.where(chose_left, -logit, logit)).sum()
        penalty = priors.strength * (strengths**2).sum() + priors.left_bias * (bias**2).sum()
        return float(misses + (penalty + priors.skill * ((skill - 1) ** 2).sum()) / 2)

    x = np.concatenate([np.zeros(20), np.ones(6), np.zeros(6)])
    slow = minimize(loss, x, method="BFGS", jac="3-point", options={"gtol": 1e-7})
    found = np.concatenate([fit.strengths.ravel(), fit.skill, fit.left_bias])
    assert loss(found) <= slow.fun + 1e-10
    assert np.abs(found - slow.x).max() < 1e-6
    for fast_row, slow_row in zip(fit.strengths, slow.x[:20].reshape(4, 5), strict=True):
        assert (np.argsort(fast_row) == np.argsort(slow_row)).all()


def test_finds_random_and_left_biased_workers() -> None:
    skills = [1.0] * 8 + [0.0, 0.0]
    bias = [0.0] * 7 + [1.5, 0.0, 3.0]
    fit = bradley_terry(*crowd(7, 30, 10, skills, bias, votes=6), n_candidates=5)
    assert fit.skill[:8].min() > 0.5
    assert np.abs(fit.skill[8:]).max() < 0.45
    assert np.abs(fit.left_bias[:7]).max() < 0.7
    assert fit.left_bias[7] > 0.9
    assert fit.left_bias[9] > 1.8


def test_a_candidate_that_always_wins_stays_finite() -> None:
    zeros = np.zeros(6, dtype=int)
    fit = bradley_terry(
        zeros, zeros, np.array([1, 1, 1, 2, 2, 2]), zeros, np.ones(6, dtype=bool), n_candidates=3
    )
    assert np.isfinite(fit.strengths).all()
    assert fit.strengths[0].argmax() == 0


def crowd(
    seed: int, n_sketches: int, n_workers: int, skills: list[float], bias: list[float], votes: int = 3
) -> tuple[np.ndarray, ...]:
    """Return votes of `votes` workers on each of the ten pairs of five candidates; strengths 1.5 apart."""
    rng = np.random.default_rng(seed)
    rows = []
    for sketch in range(n_sketches):
        strength = rng.permutation(5) * 1.5
        for a in range(5):
            for b in range(a + 1, 5):
                for worker in rng.permutation(n_workers)[:votes]:
                    left, right = (a, b) if rng.random() < 0.5 else (b, a)
                    logit = skills[worker] * (strength[left] - strength[right]) + bias[worker]
                    rows.append((sketch, left, right, worker, rng.random() < 1 / (1 + np.exp(-logit))))
    sketch, left, right, worker, chose = np.array(rows).T
    return sketch, left, right, worker, chose.astype(bool)
