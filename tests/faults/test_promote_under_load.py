"""Promotion and rollback while visitors search: no error, no mixed answer, every replica on the new release in 5 s."""

from __future__ import annotations

from functools import partial
from time import monotonic, sleep

import pytest

from tests.faults.conftest import Site
from tests.support.load import SKETCHES, Load, Ranking, ranking_of

pytestmark = pytest.mark.own_stores

REPLICAS = ("web-1", "web-2")


@pytest.fixture(scope="module")
def served(site: Site) -> Site:
    for name in REPLICAS:
        site.topology.web(name)
    site.topology.wait_ready(*REPLICAS)
    return site


def move(site: Site, path: str) -> float:
    """Post a move of the pointer as the operator. Return when it was answered."""
    headers = {"Authorization": f"Bearer {site.reported['token']}"}
    site.topology.post("web-1", path, {"reason": "test"}, headers)
    return monotonic()


def rankings(site: Site, release: int) -> dict[tuple[int, int], Ranking]:
    """Return a release's answer to each sketch while it is live."""
    topology = site.topology

    def answers_by(name: str) -> bool:
        return bool(topology.get(name, "release/")["id"] == release)

    for name in REPLICAS:
        topology.until(partial(answers_by, name), f"{name} on {release}", within_s=5)
    answers = [topology.post("web-1", "search", {"sketch": sketch, "k": 12}) for sketch in SKETCHES]
    assert {answer["release"]["id"] for answer in answers} == {release}
    return {(release, number): ranking_of(answer) for number, answer in enumerate(answers)}


def test_no_query_fails_and_no_answer_is_mixed(served: Site, long: bool) -> None:
    first, second = served.reported["releases"]
    expected = rankings(served, first)
    move(served, f"releases/{second}/promote")
    expected |= rankings(served, second)
    assert expected[first, 0] != expected[second, 0], "the releases must differ"
    move(served, "releases/rollback")
    rankings(served, first)

    urls = [served.topology.urls[name] for name in REPLICAS]
    moves: list[tuple[float, int]] = []
    rounds = 10 if long else 1
    with Load(urls) as load:
        for _ in range(rounds):
            sleep(6)
            moves.append((move(served, f"releases/{second}/promote"), second))
            sleep(6)
            moves.append((move(served, "releases/rollback"), first))
        sleep(6)

    assert load.errors == []
    assert len(load.answers) > 0.9 * 50 * (12 * rounds + 6), "the load was not what it should be"
    assert [a for a in load.answers if a.ranking != expected[a.release, a.sketch]] == []
    slowest = [switched_after(load, at, release) for at, release in moves]
    times = load.times_ms()
    print(
        f"{len(times)} answers, median {times[len(times) // 2]:.0f} ms, p99 {times[len(times) * 99 // 100]:.0f} ms; "
        f"all replicas switched {max(slowest):.2f} s after a move at the latest"
    )
    assert max(slowest) < 5


def switched_after(load: Load, at: float, release: int) -> float:
    """Return the seconds from the move at `at` until every query was answered by the new release."""
    others = [a.sent_at - at for a in load.answers if 0 < a.sent_at - at < 6 and a.release != release]
    return max(others, default=0.0)


def test_killing_a_replica_during_the_switch_loses_no_query(served: Site) -> None:
    """Queries that the dead replica leaves unanswered are retried on the other; restarted, it serves the new release."""
    topology = served.topology
    first, second = served.reported["releases"]
    expected = rankings(served, first)
    with Load([topology.urls[name] for name in REPLICAS], retry=True) as load:
        sleep(1)
        moved = move(served, f"releases/{second}/promote")
        topology.kill("web-2")  # the follower polls once per second, so hardly any replica has switched yet
        killed = monotonic()
        sleep(5)
        topology.again("web-2")
        topology.wait_ready("web-2")
        sleep(1)
    expected |= rankings(served, second)
    assert load.errors == []
    assert [a for a in load.answers if a.ranking != expected[a.release, a.sketch]] == []
    assert switched_after(load, moved, second) < 5
    assert {a.release for a in load.answers if a.sent_at > killed + 5} == {second}
    print(f"killed {(killed - moved) * 1e3:.0f} ms after the move; {len(load.answers)} queries, all answered")
    move(served, "releases/rollback")
