"""The value of each term of GDH's objective with fixed networks, so that a reader can see whether a term acted.

gap_photo, gap_sketch  how far generated images are from real ones: the Jensen-Shannon divergence in bits, between 0 and
                       1, which Eq. 1 has at its inner maximum. A discriminator trained anew bounds it from below.
cycle                  as in the objective (Eq. 2)
kept                   the share of the photos that the attention mask keeps
quantisation           L_q per bit and image (Eq. 5)
unification            L_c per bit
contrast               as in the objective

All but the divergence are means over the same training pairs at any time, with the noise of augmentation. Terms that
a run leaves out are measured, too.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from math import log
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from ml.errors import DatasetError
from ml.losses.adversarial import discriminator_loss
from ml.losses.cycle_consistency import cycle_loss
from ml.losses.unification import unification_loss
from ml.models.gdh.network import Discriminator
from ml.systems.gdh.config import GdhSettings
from ml.systems.gdh.data import GdhData, Rows, as_input, images
from ml.systems.gdh.learner import GdhLearner
from ml.systems.gdh.objective import Objective
from ml.systems.gdh.warm import recorded
from ml.training.checkpoint import write_atomically
from ml.training.device import autocast

TERMS = "terms.json"
OF_GENERATORS = ("gap_photo", "gap_sketch", "cycle")  # attention is new in the run that starts from them
Values = dict[str, float]
Record = dict[str, dict[str, list[float]]]  # code length, term: values over time
_FIRST_BATCH = 1_000_000  # steps that no run reaches, so that these pairs are drawn for the measurement alone
_BATCHES = 4
_JUDGED = 128  # images per domain that the new discriminator learns from; as many again measure it
_JUDGE_STEPS, _JUDGE_BATCH, _JUDGE_RATE, _JUDGE_CHANNELS = 60, 32, 1e-3, 4


def before(out: Path, learner: GdhLearner, data: GdhData, settings: GdhSettings) -> Record:
    """Return the values before training; a resumed run reads them from `out`.

    Those of the run that it starts from precede them, once: the generators' values with random weights.
    """
    path = out / TERMS
    if path.exists():
        found: Record = json.loads(path.read_text())
        return found
    earlier = {} if settings.warm_start is None else recorded(settings.warm_start)
    random = {name: earlier[name][:1] for name in OF_GENERATORS if name in earlier}
    record = after({str(bits): random for bits in settings.lengths}, learner, data, settings)
    write_atomically(path, json.dumps(record).encode())
    return record


def after(record: Record, learner: GdhLearner, data: GdhData, settings: GdhSettings) -> Record:
    """Return the record with the values of now as last ones."""
    now = measured(learner, data, settings)
    return {
        bits: {name: [*record.get(bits, {}).get(name, []), value] for name, value in values.items()}
        for bits, values in now.items()
    }


@torch.no_grad()
def measured(learner: GdhLearner, data: GdhData, settings: GdhSettings) -> Mapping[str, Values]:
    """Return the value of each term, by code length. Networks are used in eval mode and left as they were."""
    training = learner.training
    learner.eval()
    objective, model = Objective(learner, data, settings), learner.model
    device = next(model.parameters()).device
    sums: dict[str, Values] = {str(bits): {} for bits in settings.lengths}
    for number in range(_BATCHES):
        batch = data.batch(_FIRST_BATCH + number).to(device)
        n = len(batch.sketches)
        with autocast(device, settings.precision):
            migrated = objective.migrated(batch.sketches, batch.photos, paints=True)
            assert migrated.fake_photos is not None
            assert migrated.fake_sketches is not None
            again = model.to_sketch(migrated.fake_photos)[0], model.to_photo(migrated.fake_sketches)[0]
            drawn, photo = objective.outputs(migrated)
        originals = batch.sketches, migrated.masked
        mask = model.to_sketch.mask(batch.photos)
        shared = {
            "cycle": sum(
                cycle_loss(image.float(), original, distance=settings.cycle_distance).item()
                for image, original in zip(again, originals, strict=True)
            ),
            "kept": 1.0 if mask is None else mask.mean().item(),
        }
        for bits in settings.lengths:
            sketches, photos = drawn[:, :bits].float(), photo[:n, :bits].float()
            values = {
                **shared,
                "quantisation": objective.quantisation(batch, sketches, photos).item() / (2 * bits),
                "unification": unification_loss(photos, sketches).item() / bits,
                "contrast": objective.contrast(batch, sketches, photos).item(),
            }
            found = sums[str(bits)]
            for name in values if objective.hashes else shared:
                found[name] = found.get(name, 0.0) + values[name] / _BATCHES
    gaps = _gaps(learner, data, settings)
    learner.train(training)
    return {bits: gaps | values for bits, values in sums.items()}


def _gaps(learner: GdhLearner, data: GdhData, settings: GdhSettings) -> Values:
    """Return the divergence of migrated sketches from masked photos, and of migrated photos from sketches."""
    rng = np.random.default_rng(settings.seed)
    model = learner.model
    sketches = _some(data.sketches, rng)
    photos = _some(data.photos, rng)
    real: dict[str, list[Tensor]] = {"photo": [], "sketch": []}
    fake: dict[str, list[Tensor]] = {"photo": [], "sketch": []}
    device = next(model.parameters()).device
    for start in range(0, 2 * _JUDGED, _JUDGE_BATCH):
        part = slice(start, start + _JUDGE_BATCH)
        drawn = as_input(images(data.dataset, "sketch", sketches[part], settings)).to(device)
        shown = as_input(images(data.dataset, settings.photo_kind, photos[part], settings)).to(device)
        with autocast(device, settings.precision):
            fake["photo"].append(model.to_photo(drawn)[0].float())
            migrated, mask = model.to_sketch(shown)
        fake["sketch"].append(migrated.float())
        real["photo"].append(model.masked(shown, mask))
        real["sketch"].append(drawn)
    return {
        f"gap_{domain}": divergence(torch.cat(real[domain]), torch.cat(fake[domain]), settings)
        for domain in real
    }


def divergence(real: Tensor, fake: Tensor, settings: GdhSettings) -> float:
    """Return a lower bound of the Jensen-Shannon divergence of two sets of images, in bits: 0 if they look alike.

    real, fake: (N, 3, S, S) each. A small discriminator learns from the first half of both and is measured on the rest.
    """
    if not len(real) == len(fake) >= 4:
        raise DatasetError(
            "record_terms", f"{len(real)} and {len(fake)} images, expected as many of each, at least 4"
        )
    half = len(real) // 2
    with torch.random.fork_rng(devices=[]), torch.enable_grad():
        torch.manual_seed(settings.seed)
        config = replace(settings.network(), channels=_JUDGE_CHANNELS)
        judge = Discriminator(config).to(real.device)
        optimizer = torch.optim.Adam(judge.parameters(), _JUDGE_RATE)
        for _ in range(_JUDGE_STEPS):
            rows = torch.randint(half, (min(half, _JUDGE_BATCH),), device="cpu").to(real.device)
            judged = judge(torch.cat([real[rows], fake[rows]]))
            loss = discriminator_loss(*judged.chunk(2))
            optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            optimizer.step()
    judge.eval()
    values = [
        discriminator_loss(judge(real[start:stop]), judge(fake[start:stop])).item()
        for start, stop in _parts(half, len(real))
    ]
    return float(np.clip(1 - np.mean(values) / (2 * log(2)), 0, 1))


def _parts(start: int, stop: int) -> list[tuple[int, int]]:
    """Split start..stop into ranges of a batch, leaving out a rest."""
    step = min(_JUDGE_BATCH, stop - start)
    return [(first, first + step) for first in range(start, stop - step + 1, step)]


def _some(rows: Rows, rng: np.random.Generator) -> Rows:
    """Return rows at random for learning and measuring; a small set is repeated within each half only."""
    rows = rng.permutation(rows)
    half = len(rows) // 2
    return np.concatenate([np.resize(rows[:half], _JUDGED), np.resize(rows[half:], _JUDGED)])
