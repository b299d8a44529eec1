"""A worker is killed while it builds an index, or helps with one: another continues; no partial release is visible."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path
from time import sleep

import numpy as np
import pytest

from tests.support.tiny_model import tiny_model
from tests.support.topology import Topology, processes, topology_with_stores

pytestmark = pytest.mark.own_stores

N_PHOTOS = 1000  # fewer than what workers share in parts
N_SHARED = 4000  # in parts
MAKE = """
import json
from pathlib import Path
from webapp.catalog.models import Category, Photo, Product
from webapp.registry.indexes.builds import index_build_request
from webapp.registry.wake import index_build_wake
from webapp.registry.releases.services import model_register
shelf = Category.objects.get(slug="a")
Product.objects.bulk_create(Product(sku=f"%(prefix)s{n}", name=f"M {n}", category=shelf) for n in range(%(n)d))
many = Product.objects.filter(sku__startswith="%(prefix)s").order_by("pk").values_list("pk", flat=True)
seen = list(Photo.objects.order_by("pk"))
def like(n, product):
    photo = seen[n %% len(seen)]
    photo.pk, photo.product_id = None, product
    return Photo(**{f.attname: getattr(photo, f.attname) for f in Photo._meta.concrete_fields})
Photo.objects.bulk_create([like(n, product) for n, product in enumerate(many)])
build = index_build_request(model=model_register(folder=Path("%(model)s")))
index_build_wake(build)
print(build.pk)
"""
REAP = "from webapp.registry.indexes.jobs import index_builds_reap_job; index_builds_reap_job()"
LOOK = "SELECT status, attempts, n_done, n_skipped, folder, error FROM registry_indexbuild WHERE id = %d"
PHOTOS = "SELECT COUNT(*) FROM catalog_photo"
RUNNING = "SELECT number FROM registry_indexpart WHERE build_id = %d AND status = 'running'"
AGE_PARTS = "UPDATE registry_indexpart SET heartbeat_at = '2026-01-01T00:00:00+00:00' WHERE build_id = %d"
AGE = "UPDATE registry_indexbuild SET heartbeat_at = '2026-01-01T00:00:00+00:00' WHERE id = %d"


@pytest.fixture(scope="module", params=["servers", "embedded"])
def topology(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Topology]:
    folder = tmp_path_factory.mktemp("site")
    if request.param == "servers":
        with topology_with_stores(folder) as (topology, _):
            topology.prepare()
            yield topology
    else:
        with processes(folder) as (family, _):
            stores = {
                "SKETCHFIND_DATABASE_URL": f"sqlite:///{folder / 'site.sqlite3'}",
                "SKETCHFIND_REDIS_URL": "",
            }
            topology = Topology(family, folder, stores)
            topology.prepare()
            yield topology


def test_another_worker_continues_and_repeats_nothing(topology: Topology, tmp_path: Path) -> None:
    data = Path(topology.environ["SKETCHFIND_DATA_DIR"])
    model = tiny_model(data / "model-2", seed=2)
    build = int(topology.shell(MAKE % {"n": N_PHOTOS, "model": model, "prefix": "m"}))
    ((n_photos,),) = topology.rows(PHOTOS)
    shards = data / "index-builds" / str(build) / "shards"
    kept = tmp_path / "shards"
    kept.mkdir()

    def whole() -> list[Path]:
        """Return the shards so far, each linked under a second name, because the build deletes them at its end."""
        with suppress(FileNotFoundError):  # the folder was deleted between two polls
            for shard in shards.glob("shard-*.npz"):
                if not (kept / shard.name).exists():
                    _kept(shard, kept / shard.name)
        return sorted(kept.iterdir())

    topology.worker("worker-1", "default,index")
    topology.until(lambda: len(whole()) >= 5, "five batches", within_s=60)
    topology.kill("worker-1")
    before = {shard.name: shard.stat().st_ino for shard in whole()}
    assert len(before) * 32 < N_PHOTOS, "killed too late to prove anything"
    ((status, attempts, _, _, folder, _),) = topology.rows(LOOK % build)
    assert (status, attempts, folder) == ("running", 1, "")
    indexes = Path(topology.folder) / "media" / "private" / "indexes"
    assert not list(indexes.glob(f"*{build}-*"))

    topology.rows(AGE % build)  # two minutes pass without a heartbeat
    topology.shell(REAP)
    topology.worker("worker-2", "default,index")

    def ended() -> bool:
        whole()
        return topology.rows(LOOK % build)[0][0] in ("ready", "failed")

    topology.until(ended, "the other worker's index", within_s=60)
    ((status, attempts, n_done, n_skipped, folder, error),) = topology.rows(LOOK % build)
    assert (status, attempts, error) == ("ready", 2, "")
    assert (n_done, n_skipped) == (n_photos, 0)
    assert before.items() <= {shard.name: shard.stat().st_ino for shard in whole()}.items()
    ids = np.concatenate([np.load(shard)["ids"] for shard in whole()])
    assert len(np.unique(ids)) == len(ids), "a photo was encoded twice"
    index = np.load(indexes.parent / folder / "ids.npy")
    assert np.isin(ids, index).all()
    # The last shards may have appeared and disappeared between two polls.
    assert len(np.unique(index)) == len(index) == n_photos
    print(f"killed after {len(before)} batches of 32; {len(whole()) - len(before)} by the other worker")


def test_what_a_killed_helper_had_begun_is_encoded_by_another(topology: Topology) -> None:
    for former in topology.alive():
        topology.kill(former)
    model = tiny_model(Path(topology.environ["SKETCHFIND_DATA_DIR"]) / "model-3", seed=3)
    build = int(topology.shell(MAKE % {"n": N_SHARED, "model": model, "prefix": "h"}))

    def stopped_amid_a_part(name: str, n_begun: int) -> bool:
        """Stop a worker once so many parts are under way; let it go again if it was between two parts."""
        if len(topology.rows(RUNNING % build)) < n_begun:
            return False
        os.killpg(topology.pid(name), signal.SIGSTOP)
        sleep(0.2)  # what it had sent to the database is visible now
        if len(topology.rows(RUNNING % build)) == n_begun:
            return True
        os.killpg(topology.pid(name), signal.SIGCONT)
        return False

    # The builder waits amid its part, so that the helper has all the others, however fast the machine is.
    topology.worker("builder", "default,index")
    topology.until(partial(stopped_amid_a_part, "builder", 1), "the builder's part", within_s=60)
    topology.worker("helper", "default,index")
    topology.until(partial(stopped_amid_a_part, "helper", 2), "the helper's part", within_s=60)
    begun = {number for (number,) in topology.rows(RUNNING % build)}
    topology.kill("helper")
    topology.rows(AGE_PARTS % build)  # two minutes pass without a heartbeat
    os.killpg(topology.pid("builder"), signal.SIGCONT)
    topology.until(lambda: topology.rows(LOOK % build)[0][0] in ("ready", "failed"), "the index", within_s=90)
    ((status, attempts, n_done, n_skipped, folder, error),) = topology.rows(LOOK % build)
    assert (status, attempts, n_skipped, error) == ("ready", 1, 0, "")
    ((n_photos,),) = topology.rows(PHOTOS)
    ids = np.load(Path(topology.folder) / "media" / "private" / folder / "ids.npy")
    assert len(np.unique(ids)) == len(ids) == n_done == n_photos
    print(f"killed while parts {sorted(begun)} were under way")


def _kept(shard: Path, name: Path) -> None:
    try:
        os.link(shard, name)
    except FileNotFoundError:  # the build has just ended
        return
