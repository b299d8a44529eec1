"""The record of GDH's terms: values before and after training, and generators taken over from an earlier run."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from ml.datasets.pairs import PairDataset
from ml.errors import ConfigError, ModelError
from ml.systems.gdh import terms
from ml.systems.gdh.config import PROFILES
from ml.systems.gdh.warm import CRITICS, start_from
from ml.training.model_folder import MANIFEST
from tests.support.tiny_gdh import learner_of, run, tiny

pytestmark = pytest.mark.slow
OWN = ("norm=instance", "residual=false", "record_terms=true")
ALONE = ("contrast_weight=0", "quantisation_weight=0", "unification_weight=0", "triplet_weight=0")
NO_START = ("attention=false", "init_from_discriminant_axes=false")


@pytest.fixture(autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)
    torch.manual_seed(0)


@pytest.fixture(scope="module")
def generators(sketchy: PairDataset, tmp_path_factory: pytest.TempPathFactory) -> Path:
    torch.set_num_threads(1)
    out = tmp_path_factory.mktemp("gdh") / "generators"
    run(sketchy, out, *OWN, *ALONE, *NO_START, "steps=12", "learning_rate=0.003", "mode=category")
    return out


def recorded(folder: Path) -> dict[str, list[float]]:
    found: dict[str, list[float]] = json.loads((folder / MANIFEST).read_text())["terms"]
    return found


def test_a_run_of_l_gan_alone_records_its_terms(generators: Path) -> None:
    found = recorded(generators)
    assert set(found) == {"gap_photo", "gap_sketch", "cycle", "kept"}
    assert all(len(values) == 2 for values in found.values())
    assert found["cycle"][1] < found["cycle"][0]
    assert found["kept"] == pytest.approx([1, 1])


def test_a_row_starts_from_these_generators_and_records_all_terms(
    sketchy: PairDataset, generators: Path, tmp_path: Path
) -> None:
    settings = (*OWN, f"warm_start={generators}", "mode=category", "shorter=8", "quantisation_weight=0")
    run(sketchy, tmp_path / "row", *settings)
    for folder in (tmp_path / "row", tmp_path / "row" / "8-bit"):
        found = recorded(folder)
        assert {"quantisation", "unification", "contrast"} < set(found)  # of L_q, too, which is off
        assert [len(found[name]) for name in ("gap_photo", "cycle", "kept", "quantisation")] == [3, 3, 2, 2]
        assert found["cycle"][1] < found["cycle"][0]
    assert recorded(tmp_path / "row") != recorded(tmp_path / "row" / "8-bit")
    before = json.loads((tmp_path / "row" / terms.FILE).read_text())
    assert before["16"]["cycle"] == recorded(tmp_path / "row")["cycle"][:2]


def test_generators_and_discriminators_are_those_of_the_run(sketchy: PairDataset, generators: Path) -> None:
    learner, _ = learner_of(sketchy, tiny(*OWN))
    start_from(learner, generators)
    mask = learner.model.to_sketch.mask(torch.rand(2, 3, 32, 32))
    assert mask is not None
    assert (mask == 1).all()  # attention is new
    fresh, _ = learner_of(sketchy, tiny(*OWN))
    for part in ("model.to_photo.decoder.2.weight", "photo_critic.layers.0.0.weight"):
        assert not torch.equal(learner.state_dict()[part], fresh.state_dict()[part])


def test_a_start_that_does_not_fit_is_refused(sketchy: PairDataset, generators: Path, tmp_path: Path) -> None:
    learner, _ = learner_of(sketchy, tiny(*OWN, "channels=6"))
    with pytest.raises(ModelError, match="does not fit"):
        start_from(learner, generators)
    run(sketchy, tmp_path / "alone", "gan=false", "mode=category")
    assert not (tmp_path / "alone" / CRITICS).exists()
    with pytest.raises(ModelError, match="did not train L_gan"):
        start_from(learner, tmp_path / "alone")
    with pytest.raises(ConfigError, match="contradicts gan=false"):
        tiny("gan=false", f"warm_start={generators}")


def test_measuring_changes_nothing(sketchy: PairDataset) -> None:
    settings = replace(tiny(*OWN), mode="category")
    learner, data = learner_of(sketchy, settings)
    before = {name: value.clone() for name, value in learner.state_dict().items()}
    drawn = torch.get_rng_state()
    first, again = (terms.measured(learner, data, settings) for _ in range(2))
    assert first == again
    assert learner.training
    assert torch.equal(drawn, torch.get_rng_state())
    assert all(torch.equal(value, before[name]) for name, value in learner.state_dict().items())


def test_the_ablation_trains_generators_on_every_pair() -> None:
    settings = PROFILES["cpu-ablation"]
    assert settings.record_terms
    assert settings.migrated_pairs >= settings.batch_size
