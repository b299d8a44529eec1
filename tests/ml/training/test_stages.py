"""Stages run in order, are not repeated once finished, resume within a stage and can be skipped."""

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from torch import nn

from ml.errors import ConfigError
from ml.training.stages import Stage, run_stages


def adding(model: nn.Linear, amount: float, ran: list[str]) -> Callable[[Path], dict[str, float]]:
    def run(folder: Path) -> dict[str, float]:
        ran.append(folder.name)
        with torch.no_grad():
            model.weight += amount
        return {"score": amount}

    return run


def zeros() -> nn.Linear:
    model = nn.Linear(2, 1)
    nn.init.zeros_(model.weight)
    return model


def three(model: nn.Linear, ran: list[str]) -> list[Stage]:
    amounts = {"edges": 1.0, "sketches": 10.0, "ranking": 100.0}
    return [Stage(name, adding(model, amount, ran)) for name, amount in amounts.items()]


def test_each_stage_continues_from_the_previous_one(tmp_path: Path) -> None:
    model = zeros()
    ran: list[str] = []
    metrics = run_stages(three(model, ran), model, tmp_path)
    assert ran == ["1-edges", "2-sketches", "3-ranking"]
    assert metrics == {"edges": {"score": 1.0}, "sketches": {"score": 10.0}, "ranking": {"score": 100.0}}
    assert model.weight.tolist() == [[111.0, 111.0]]


def test_an_interrupted_run_repeats_no_finished_stage_and_keeps_its_weights(tmp_path: Path) -> None:
    model = zeros()
    ran: list[str] = []
    stages = three(model, ran)

    def cut(folder: Path) -> dict[str, float]:
        (folder / "checkpoint").touch()
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_stages([*stages[:2], Stage("ranking", cut)], model, tmp_path)
    resumed = zeros()
    ran_again: list[str] = []
    metrics = run_stages(three(resumed, ran_again), resumed, tmp_path)
    assert ran_again == ["3-ranking"]
    assert (tmp_path / "3-ranking" / "checkpoint").exists()  # the stage resumed from its checkpoint
    assert list(metrics) == ["edges", "sketches", "ranking"]
    assert resumed.weight.tolist() == [[111.0, 111.0]]


def test_skipped_stages_do_not_change_the_model(tmp_path: Path) -> None:
    model = zeros()
    ran: list[str] = []
    stages = three(model, ran)
    stages[2] = Stage("ranking", stages[2].run, skip=True)
    assert list(run_stages(stages, model, tmp_path, skip=(1,))) == ["sketches"]
    assert model.weight.tolist() == [[10.0, 10.0]]


def test_skipping_an_unknown_stage_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="skip: 4 is not a stage, must be 1 to 3"):
        run_stages(three(zeros(), []), zeros(), tmp_path, skip=(2, 4))
