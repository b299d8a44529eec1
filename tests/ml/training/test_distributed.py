"""Two real processes under torchrun train like one process on the joined batch."""

import json
import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest
import torch

from ml.errors import ConfigError
from ml.training.distributed import gathered, shard
from ml.training.run_files import read_rows

pytestmark = pytest.mark.slow

OPTIONS = {"plain": True, "ema_decay": 0.9}


@pytest.fixture(scope="module")
def together(runs: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a run by two processes; each has written rank<n>.json."""
    folder = tmp_path_factory.mktemp("two")
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
    command += [str(runs.__file__), str(folder), json.dumps(OPTIONS)]
    done = subprocess.run(
        command, env=os.environ | runs.IMPORTABLE, capture_output=True, text=True, timeout=240
    )
    assert done.returncode == 0, done.stderr
    return folder


def test_two_processes_train_like_one_on_the_joined_batch(
    runs: ModuleType, tmp_path: Path, together: Path
) -> None:
    alone = runs.make_loop(tmp_path, **OPTIONS)
    best = alone.run()
    one, two = read_rows(tmp_path), read_rows(together)
    assert [row["step"] for row in two] == list(range(12))  # only rank 0 writes
    for name in ("loss", "half"):
        assert [row[name] for row in two] == pytest.approx([row[name] for row in one], rel=1e-4)
    for rank in (0, 1):
        ended = json.loads((together / f"rank{rank}.json").read_text())
        assert ended["best"] == pytest.approx(best, rel=1e-4)
        for name, tensor in alone.model.state_dict().items():
            torch.testing.assert_close(torch.tensor(ended["weights"][name]), tensor, rtol=1e-3, atol=1e-5)


def test_a_loss_over_gathered_rows_has_the_gradient_of_the_joined_batch(
    runs: ModuleType, together: Path
) -> None:
    alone = runs.contrast()
    for rank in (0, 1):
        found = json.loads((together / f"rank{rank}.json").read_text())["contrast"]
        assert found["loss"] == pytest.approx(alone["loss"])
        torch.testing.assert_close(torch.tensor(found["gradient"]), torch.tensor(alone["gradient"]))


def test_each_process_takes_its_part_of_a_divisible_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    assert shard(8) == slice(0, 8)
    rows = torch.ones(2, 3)
    assert gathered(rows) is rows
    monkeypatch.setenv("WORLD_SIZE", "4")
    monkeypatch.setenv("RANK", "2")
    assert shard(8) == slice(4, 6)
    with pytest.raises(ConfigError, match="batch_size: 10"):
        shard(10)
