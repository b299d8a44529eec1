"""The value of each term of GDH's objective with fixed networks, so that a reader can see whether a term acted.

gap_photo, gap_sketch  how far generated images are from real ones, which the adversarial part of L_gan reduces: the
                       Fréchet distance of features of EfficientNet-Lite0 with ImageNet weights. It is that of FID with
                       another network, so compare it only with itself.
cycle                  as in the objective (Eq. 2), both directions together
kept                   the share of the photos that the attention mask keeps
quantisation           L_q per bit and image (Eq. 5)
unification            L_c per bit
contrast               as in the objective

All are of the same training images at any time. Terms that a run leaves out are measured, too.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from ml.losses.cycle_consistency import cycle_loss
from ml.losses.unification import unification_loss
from ml.metrics.frechet import frechet_distance
from ml.models.gdh.config import HashNetConfig
from ml.models.gdh.hashing import Lite0Grid
from ml.systems.gdh.config import GdhSettings
from ml.systems.gdh.data import GdhData, as_input, images
from ml.systems.gdh.learner import GdhLearner
from ml.systems.gdh.objective import Objective
from ml.training.device import autocast

FILE = "terms.json"  # the values before training, in the run's folder
OF_GENERATORS = ("gap_photo", "gap_sketch", "cycle")  # attention is new in the run that starts from them
Values = dict[str, float]
Record = dict[str, dict[str, list[float]]]  # code length, term: values over time
_FIRST_BATCH = 1_000_000  # steps that no run reaches, so that these pairs are drawn for the measurement alone
_BATCHES = 4
_SEEN, _BATCH = 256, 64  # images per domain whose features are compared


def read(path: Path) -> Record:
    """Read the values before training of a resumed run."""
    found: Record = json.loads(path.read_text())
    return found


def with_current(record: Record, learner: GdhLearner, data: GdhData, settings: GdhSettings) -> Record:
    """Return a record with the values of now as last ones."""
    now = measured(learner, data, settings)
    return {
        bits: {name: [*record.get(bits, {}).get(name, []), value] for name, value in values.items()}
        for bits, values in now.items()
    }


def with_untrained_generators(learner: GdhLearner, data: GdhData, settings: GdhSettings) -> Record:
    """Return a record that begins with the generators' values before they start from an earlier run."""
    now = measured(learner, data, settings)
    return {bits: {name: [values[name]] for name in OF_GENERATORS} for bits, values in now.items()}


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
    """Return the distance of migrated sketches from masked photos, and of migrated photos from sketches."""
    rng = np.random.default_rng(settings.seed)
    model = learner.model
    device = next(model.parameters()).device
    with torch.random.fork_rng(devices=[]):  # a recorded run must not differ from one without a record
        network = Lite0Grid(HashNetConfig(last_block=15, grid=1, frozen_blocks=0), pretrained=True)
    network = network.to(device).eval()
    sketches, photos = (np.resize(rng.permutation(rows), _SEEN) for rows in (data.sketches, data.photos))
    found: dict[str, list[Tensor]] = {}
    for start in range(0, _SEEN, _BATCH):
        part = slice(start, start + _BATCH)
        drawn = as_input(images(data.dataset, "sketch", sketches[part], settings)).to(device)
        shown = as_input(images(data.dataset, settings.photo_kind, photos[part], settings)).to(device)
        with autocast(device, settings.precision):
            migrated, mask = model.to_sketch(shown)
            seen = {
                "real_photo": model.masked(shown, mask),
                "fake_photo": model.to_photo(drawn)[0],
                "real_sketch": drawn,
                "fake_sketch": migrated,
            }
            for name, shapes in seen.items():
                found.setdefault(name, []).append(network(shapes).float())
    all_of = {name: torch.cat(parts).cpu().numpy() for name, parts in found.items()}
    return {
        f"gap_{domain}": frechet_distance(all_of[f"real_{domain}"], all_of[f"fake_{domain}"])
        for domain in ("photo", "sketch")
    }
