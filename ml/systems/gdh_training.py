"""GDH's objective (ECCV 2018, Eqs. 7 and 14) and its alternation with the closed-form steps (Algorithm 1).

Both sides of Eq. 1's game move in one backward pass: the generators' loss is read from discriminators whose weights are
held, the discriminators' from generated images that are.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.func import functional_call

from ml.datasets.frames import Kind
from ml.losses.adversarial import discriminator_loss, generator_loss
from ml.losses.code_triplet import batch_code_triplet_loss, code_triplet_loss
from ml.losses.cycle_consistency import cycle_loss
from ml.losses.quantisation import quantisation_loss
from ml.losses.semantic_factorisation import basis_step, code_regression_loss, code_step
from ml.losses.unification import unification_loss
from ml.models.gdh import Discriminator, Gdh
from ml.models.gdh_mix_up import mixed_up
from ml.systems.gdh_config import GdhSettings
from ml.systems.gdh_data import GdhBatch, GdhData, Rows, as_input, images
from ml.training.device import autocast
from ml.training.loop import Metrics

_BATCH = 64
Floats = NDArray[np.float32]


class GdhLearner(nn.Module):
    """The networks, their discriminators, and the codes that the training images have for now, int8 (N, K)."""

    photo_codes: Tensor
    sketch_codes: Tensor
    semantic_value: Tensor  # of Eq. 4 when the codes were last renewed

    def __init__(self, model: Gdh, data: GdhData, settings: GdhSettings) -> None:
        super().__init__()
        self.model = model
        self.photo_critic = Discriminator(model.config) if settings.gan else None  # D_I
        self.sketch_critic = Discriminator(model.config) if settings.gan else None  # D_S
        self.register_buffer("semantic_value", torch.zeros(()))
        generator = torch.Generator().manual_seed(settings.seed)
        for name, rows in (("photo_codes", data.photos), ("sketch_codes", data.sketches)):
            n = len(rows) if data.factorises else 0
            start = torch.randint(0, 2, (n, settings.code_length), generator=generator)
            self.register_buffer(name, (2 * start - 1).to(torch.int8))


def encode(model: Gdh, data: GdhData, kind: Kind, rows: Rows, settings: GdhSettings) -> Floats:
    """Hash logits (N, K) of sketches or of the gallery's images as they are, the networks in eval mode."""
    training = model.training
    model.eval()
    device = next(model.parameters()).device
    parts = []
    with torch.inference_mode(), autocast(device, enabled=settings.precision == "bf16"):
        for start in range(0, len(rows), _BATCH):
            pixels = images(data.dataset, kind, rows[start : start + _BATCH], settings)
            inputs = as_input(pixels).to(device)
            parts.append(model.query(inputs) if kind == "sketch" else model.gallery(inputs))
    model.train(training)
    if not parts:
        return np.zeros((0, settings.code_length), np.float32)
    return np.asarray(torch.cat(parts).float().cpu().numpy(), dtype=np.float32)


def renew_codes(learner: GdhLearner, data: GdhData, settings: GdhSettings) -> float:
    """The D, B^I and B^S steps, once an epoch (Eqs. 9, 12, 13). Returns what Eq. 4 comes to, a mean over items."""
    n_photos = len(data.photos)
    labels = np.concatenate([data.photo_labels[data.photos], data.sketch_labels[data.sketches]])
    classes = torch.eye(len(data.dataset.categories))[torch.from_numpy(labels)]  # Y (N, C)
    codes = torch.cat([learner.photo_codes, learner.sketch_codes]).cpu().float()
    outputs = torch.from_numpy(
        np.concatenate(
            [
                encode(learner.model, data, settings.photo_kind, data.photos, settings),
                encode(learner.model, data, "sketch", data.sketches, settings),
            ]
        )
    )
    basis = basis_step(codes, classes)
    codes = code_step(classes, basis, outputs, alpha=settings.alpha)
    learner.photo_codes.copy_(codes[:n_photos])
    learner.sketch_codes.copy_(codes[n_photos:])
    semantic = (codes - classes @ basis).square().sum() + basis.square().sum()
    return float(semantic) / len(codes)


class Objective:
    """Eq. 14 of a batch: its value and its parts."""

    def __init__(self, learner: GdhLearner, data: GdhData, settings: GdhSettings) -> None:
        self.learner, self._data, self._settings = learner, data, settings

    def __call__(self, batch: GdhBatch) -> tuple[Tensor, Metrics]:
        settings, model = self._settings, self.learner.model
        n = len(batch.sketches)
        losses: list[Tensor] = []
        parts: Metrics = {}

        def add(name: str, loss: Tensor, weight: float) -> None:
            losses.append(weight * loss)
            parts[name] = loss.item()

        needs_photo = settings.gan or settings.embedding == "photo"
        needs_sketch = settings.gan or settings.embedding == "sketch" or settings.mix_up != "none"
        fake_photos = model.to_photo(batch.sketches)[0] if needs_photo else None
        if needs_sketch:
            fake_sketches, mask = model.to_sketch(batch.photos)
        else:
            fake_sketches, mask = None, model.to_sketch.mask(batch.photos)
        photos = model.masked(batch.photos, mask)
        if settings.gan:
            assert fake_photos is not None
            assert fake_sketches is not None
            self._add_migration(batch, photos[:n], fake_photos, fake_sketches[:n], add)
        sketch_outputs, photo_outputs = self._outputs(batch, photos, fake_photos, fake_sketches)
        if self._data.ranks and settings.triplet_weight:
            add("triplet", self._triplet(batch, sketch_outputs, photo_outputs), settings.triplet_weight)
        if settings.quantisation_weight:
            quantised = self._quantisation(batch, sketch_outputs, photo_outputs[:n])
            add("quantisation", quantised, settings.quantisation_weight)
        if settings.unification_weight:
            unified = unification_loss(photo_outputs[:n], sketch_outputs)
            add("unification", unified, settings.unification_weight)
        if not losses:
            raise ValueError("every loss is switched off")
        return torch.stack(losses).sum(), parts

    def _add_migration(
        self,
        batch: GdhBatch,
        photos: Tensor,
        fake_photos: Tensor,
        fake_sketches: Tensor,
        add: Callable[[str, Tensor, float], None],
    ) -> None:
        """L_gan (Eq. 3) of pairs: photos are masked ones."""
        settings, model = self._settings, self.learner.model
        critics = (self.learner.photo_critic, self.learner.sketch_critic)
        for name, critic, real, fake in zip(
            ("photo", "sketch"),
            critics,
            (photos, batch.sketches),
            (fake_photos, fake_sketches),
            strict=True,
        ):
            assert critic is not None
            judged = critic(torch.cat([real.detach(), fake.detach()]))
            critical = discriminator_loss(judged[: len(real)], judged[len(real) :])
            add(f"critic_{name}", critical, 1.0)
            fooled = generator_loss(held(critic, real.detach(), fake), form=settings.adversarial_form)
            add(f"adversarial_{name}", fooled, settings.gan_weight)
        drawn_again = model.to_sketch(fake_photos)[0]
        shown_again = model.to_photo(fake_sketches)[0]
        distance = settings.cycle_distance
        cycled = cycle_loss(drawn_again, batch.sketches, distance=distance)
        cycled = cycled + cycle_loss(shown_again, photos, distance=distance)
        add("cycle", cycled, settings.gan_weight * settings.cycle_weight)

    def _outputs(
        self, batch: GdhBatch, photos: Tensor, fake_photos: Tensor | None, fake_sketches: Tensor | None
    ) -> tuple[Tensor, Tensor]:
        """The hashing network on both sides of a pair in one pass, whose BatchNorm then knows both, (B, K), (P, K)."""
        settings, model = self._settings, self.learner.model
        seen, shown = batch.sketches, photos
        if settings.embedding == "photo":
            assert fake_photos is not None
            seen = fake_photos
        elif settings.embedding == "sketch":
            assert fake_sketches is not None
            shown = fake_sketches
        whole = [seen, shown]
        if settings.mix_up != "none":
            assert fake_sketches is not None
            whole.append(model.to_photo(fake_sketches)[0])
        joined = torch.cat(whole)
        features = model.hashing.features(joined if settings.joint else joined.detach())
        n, p = len(seen), len(shown)
        drawn = model.hashing.outputs(features[:n], "sketch")
        filmed = model.hashing.outputs(features[n : n + p], "photo")
        cycled = filmed if len(whole) == 2 else model.hashing.outputs(features[n + p :], "sketch")
        return mixed_up(drawn, drawn, settings.mix_up), mixed_up(filmed, cycled, settings.mix_up)

    def _triplet(self, batch: GdhBatch, sketches: Tensor, photos: Tensor) -> Tensor:
        settings, n = self._settings, len(sketches)
        if settings.negatives == "batch":
            return batch_code_triplet_loss(
                sketches, photos[:n], batch.other, margin=settings.margin, violating=settings.violating
            )
        return code_triplet_loss(
            sketches, photos[:n], photos[n:], margin=settings.margin, violating=settings.violating
        )

    def _quantisation(self, batch: GdhBatch, sketches: Tensor, photos: Tensor) -> Tensor:
        """L_q (Eq. 5). Without categories nothing sets B but the outputs' own signs."""
        if not self._data.factorises:
            return sketches.shape[1] * (quantisation_loss(photos) + quantisation_loss(sketches))
        photo_codes = self.learner.photo_codes[batch.photo_places].float()
        sketch_codes = self.learner.sketch_codes[batch.sketch_places].float()
        return code_regression_loss(photos, photo_codes) + code_regression_loss(sketches, sketch_codes)


def held(critic: nn.Module, real: Tensor, fake: Tensor) -> Tensor:
    """A discriminator's logits for generated images (B, ...), by weights that get no gradient and statistics that stay.

    The real images are beside them, as when it is trained: BatchNorm would else tell the two apart by their statistics.
    """
    state = {name: value.detach() for name, value in critic.named_parameters()}
    state |= {name: value.clone() for name, value in critic.named_buffers()}
    logits: Tensor = functional_call(critic, state, (torch.cat([real, fake]),))
    return logits[len(real) :]
