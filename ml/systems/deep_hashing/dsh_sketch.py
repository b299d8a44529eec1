"""System `dsh-sketch`: codes that factorise the categories' semantics, learned in alternation with the network.

Source: Liu, Shen, Shen, Liu, Shao, "Deep Sketch Hashing: Fast Free-hand Sketch-Based Image Retrieval", CVPR 2017, in one
domain, as in SketchMate's comparison: semantic factorisation and quantisation, without the cross-view term.

    every epoch   D = (Y^T Y + I)^-1 Y^T B,   B = sgn(Y D + alpha H)        B starts at random
    every step    the network's outputs H move towards B

Y holds a word vector per category. No word vectors are shipped: without `word_vectors`, Y holds label vectors, as in GDH
(ECCV 2018, Eq. 4).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from ml.datasets.pairs import PairDataset
from ml.errors import DatasetError
from ml.losses.semantic_factorisation import basis_step, code_regression_loss, code_step
from ml.models.sketchmate.network import SketchMate
from ml.systems.deep_hashing.config import DeepHashingSettings
from ml.systems.deep_hashing.training import Learner, train_deep_hasher
from ml.systems.sketchmate.data import SketchBatch, SketchBatches
from ml.systems.sketchmate.fitting import encode
from ml.systems.sketchmate.scorer import SketchHasher
from ml.training.loop import Metrics


class WithCodes(nn.Module):
    """A network and the current codes of its training drawings, int8 (N, K), which survive interruptions."""

    codes: Tensor

    def __init__(self, model: SketchMate, n_drawings: int, generator: torch.Generator) -> None:
        super().__init__()
        self.model = model
        start = torch.randint(0, 2, (n_drawings, model.config.embedding_dim), generator=generator)
        self.register_buffer("codes", (2 * start - 1).to(torch.int8))


def learner(model: SketchMate, data: SketchBatches, settings: DeepHashingSettings) -> Learner:
    """Return the learner that alternates; an epoch processes as many drawings as there are."""
    whole = WithCodes(model, len(data.train), torch.Generator().manual_seed(settings.seed))
    classes = torch.from_numpy(class_vectors(data.seen, settings.word_vectors))[
        data.labels_of(data.train)
    ]  # Y (N, C)
    epoch = max(1, len(data.train) // settings.batch_size)

    def renew_codes() -> None:
        model.eval()
        outputs = torch.from_numpy(encode(model, data, data.train, settings).logits)
        model.train()
        basis = basis_step(whole.codes.cpu().float(), classes)
        whole.codes.copy_(code_step(classes, basis, outputs, alpha=settings.alpha))

    def objective(batch: SketchBatch) -> tuple[Tensor, Metrics]:
        if batch.step % epoch == 0:
            renew_codes()
        wanted = whole.codes[batch.places.to(whole.codes.device)].float()
        return code_regression_loss(model(batch.inputs)[0], wanted), {}

    return Learner(whole, objective)


def class_vectors(categories: tuple[str, ...], file: Path | None) -> NDArray[np.float32]:
    """Return one unit vector per category, (L, C): the mean of its words' vectors, or its label vector without a file.

    Raises DatasetError if the file is unreadable or has no word of a category.
    """
    if file is None:
        return np.eye(len(categories), dtype=np.float32)
    wanted = {word for category in categories for word in category.lower().split()}
    known: dict[str, NDArray[np.float32]] = {}
    try:
        with file.open(encoding="utf-8") as lines:
            for line in lines:
                word, *numbers = line.split()
                if word in wanted:
                    known[word] = np.array(numbers, dtype=np.float32)
    except (OSError, ValueError) as error:
        raise DatasetError("word_vectors", f"{file} is not a text file of word vectors: {error}") from error
    rows = []
    for category in categories:
        found = [known[word] for word in category.lower().split() if word in known]
        if not found:
            raise DatasetError("word_vectors", f"{file} has no word of {category!r}")
        mean = np.mean(found, axis=0)
        rows.append(mean / max(float(np.linalg.norm(mean)), 1e-9))
    return np.stack(rows).astype(np.float32)


def train(
    *, dataset: PairDataset, out: Path, profile: str, overrides: Sequence[str], command: str
) -> Mapping[str, Any]:
    """Train on a dataset of strokes; resumes. Returns the manifest of the model folder `out`.

    Raises ConfigError on a wrong profile or setting, DatasetError on a dataset without strokes.
    """
    return train_deep_hasher(
        learner,
        system="dsh-sketch",
        classifies=False,
        dataset=dataset,
        out=out,
        profile=profile,
        overrides=overrides,
        command=command,
    )


def load(folder: Path) -> SketchHasher:
    """Load the hasher of a model folder. Raises ModelError."""
    return SketchHasher.load(folder)
