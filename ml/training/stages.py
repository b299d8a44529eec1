"""Training in stages, as in the papers: each can be resumed or skipped, and is not repeated once finished."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from safetensors.torch import load_file
from torch import nn

from ml.errors import ConfigError
from ml.training.checkpoint import write_atomically
from ml.training.distributed import from_main, is_main
from ml.training.model_folder import WEIGHTS, write_weights

DONE = "done.json"


@dataclass(frozen=True)
class Stage:
    """One stage of a training.

    `run` gets the stage's folder, trains the shared model in place (a `Loop` there resumes by itself) and returns its
    metrics. It creates and drops everything that only this stage needs, such as a classification head.
    """

    name: str
    run: Callable[[Path], dict[str, float]]
    skip: bool = False


def run_stages(
    stages: Sequence[Stage], model: nn.Module, folder: Path, *, skip: Sequence[int] = ()
) -> dict[str, dict[str, float]]:
    """Run the stages in order in `folder`/<number>-<name>; returns the metrics of those that were not skipped.

    skip: 1-based numbers of stages. If a stage was finished in an earlier run, its weights are loaded into `model`
    instead. Raises ConfigError on a number without a stage.
    """
    if wrong := [number for number in skip if not 1 <= number <= len(stages)]:
        raise ConfigError("skip", f"{wrong[0]} is not a stage, must be 1 to {len(stages)}")
    metrics = {}
    for number, stage in enumerate(stages, start=1):
        if stage.skip or number in skip:
            continue
        own = folder / f"{number}-{stage.name}"
        if from_main((own / DONE).exists()):
            model.load_state_dict(load_file(own / WEIGHTS))
            metrics[stage.name] = json.loads((own / DONE).read_text())
        else:
            own.mkdir(parents=True, exist_ok=True)
            metrics[stage.name] = stage.run(own)
            if is_main():
                write_weights(own / WEIGHTS, model)
                write_atomically(own / DONE, json.dumps(metrics[stage.name]).encode())
    return metrics
