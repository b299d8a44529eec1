"""GDH's objective (ECCV 2018, Eqs. 7 and 14).

Both sides of Eq. 1's game are updated in one backward pass: the generators' loss uses discriminators with fixed weights,
the discriminators' loss uses detached generated images.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.func import functional_call

from ml.losses.adversarial import discriminator_loss, generator_loss
from ml.losses.code_triplet import batch_code_triplet_loss, code_triplet_loss
from ml.losses.cycle_consistency import cycle_loss
from ml.losses.info_nce import info_nce
from ml.losses.quantisation import quantisation_loss
from ml.losses.semantic_factorisation import code_regression_loss
from ml.losses.unification import unification_loss
from ml.models.gdh.mix_up import mixed_up
from ml.systems.gdh.config import GdhSettings
from ml.systems.gdh.data import GdhBatch, GdhData
from ml.systems.gdh.learner import GdhLearner
from ml.training.loop import Metrics


@dataclass(frozen=True)
class Migrated:
    """Outputs of the generators for N sketches and P photos, each (., 3, S, S).

    masked: masked photos. fake_photos, fake_sketches: generated images, None if not needed. seen, shown, cycled: inputs
    of the hashing network for the sketches, for the photos, and for the photos after a cycle.
    """

    masked: Tensor
    fake_photos: Tensor | None
    fake_sketches: Tensor | None
    seen: Tensor
    shown: Tensor
    cycled: Tensor | None


class Objective:
    """Eq. 14 of a batch: its value and its parts.

    The first `migrated_pairs` of a batch train the generators by all losses; the others are only migrated and hashed. In
    training, the hashing network's norms, including `domain_norm`, see the two groups one after the other.
    """

    def __init__(self, learner: GdhLearner, data: GdhData, settings: GdhSettings) -> None:
        self.learner, self._data, self._settings = learner, data, settings

    @property
    def hashes(self) -> bool:
        """Whether a loss trains the hashing network; L_gan alone does not."""
        settings = self._settings
        ranking = settings.triplet_weight if self._data.ranks else 0.0
        weights = settings.contrast_weight, settings.quantisation_weight, settings.unification_weight
        return any((ranking, *weights))

    def __call__(self, batch: GdhBatch) -> tuple[Tensor, Metrics]:
        settings = self._settings
        n = len(batch.sketches)
        losses: list[Tensor] = []
        parts: Metrics = {}

        def add(name: str, loss: Tensor, weight: float) -> None:
            losses.append(weight * loss)
            parts[name] = loss.item()

        if batch.step < settings.hash_first:
            groups = [_not_migrated(batch.sketches, batch.photos, mixes=settings.mix_up != "none")]
        else:
            m = min(n, settings.migrated_pairs)
            some = m < n
            groups = [
                self.migrated(batch.sketches[:m], batch.photos[: m if some else None], paints=settings.gan)
            ]
            if some:
                with torch.no_grad():
                    groups.append(self.migrated(batch.sketches[m:], batch.photos[m:], paints=False))
            if settings.gan:
                self._add_migration(batch.sketches[:m], groups[0], add)
        if not (losses or self.hashes):
            raise ValueError("all losses are disabled")
        if not self.hashes:
            return torch.stack(losses).sum(), parts
        outputs = [self.outputs(group) for group in groups]
        sketch_outputs, photo_outputs = (torch.cat(domain) for domain in zip(*outputs, strict=True))
        lengths = settings.lengths
        if self._data.ranks and settings.triplet_weight:
            ranked = [self._triplet(batch, sketch_outputs[:, :k], photo_outputs[:, :k]) for k in lengths]
            add("triplet", torch.stack(ranked).mean(), settings.triplet_weight)
        if settings.contrast_weight:
            contrasts = [self.contrast(batch, sketch_outputs[:, :k], photo_outputs[:n, :k]) for k in lengths]
            add("contrast", torch.stack(contrasts).mean(), settings.contrast_weight)
        if settings.quantisation_weight:
            quantised = self.quantisation(batch, sketch_outputs, photo_outputs[:n])
            add("quantisation", quantised, settings.quantisation_weight)
        if settings.unification_weight:
            unified = unification_loss(photo_outputs[:n], sketch_outputs)
            add("unification", unified, settings.unification_weight)
        return torch.stack(losses).sum(), parts

    def migrated(self, sketches: Tensor, photos: Tensor, *, paints: bool) -> Migrated:
        """Migrate sketches (N, 3, S, S) and photos (P, 3, S, S). paints: generate images in both directions."""
        model, embedding = self.learner.model, self._settings.embedding
        mixes = self._settings.mix_up != "none"
        fake_photos = model.to_photo(sketches)[0] if paints or embedding == "photo" else None
        if paints or embedding == "sketch" or mixes:
            fake_sketches, mask = model.to_sketch(photos)
        else:
            fake_sketches, mask = None, model.to_sketch.mask(photos)
        masked = model.masked(photos, mask)
        seen, shown = sketches, masked
        if embedding == "photo":
            assert fake_photos is not None
            seen = fake_photos
        elif embedding == "sketch":
            assert fake_sketches is not None
            shown = fake_sketches
        cycled = model.to_photo(fake_sketches)[0] if mixes and fake_sketches is not None else None
        return Migrated(masked, fake_photos, fake_sketches, seen, shown, cycled)

    def _add_migration(
        self, sketches: Tensor, migrated: Migrated, add: Callable[[str, Tensor, float], None]
    ) -> None:
        """Add L_gan (Eq. 3) of pairs, with masked photos."""
        settings, model = self._settings, self.learner.model
        critics = (self.learner.photo_critic, self.learner.sketch_critic)
        photos, fake_photos, fake_sketches = migrated.masked, migrated.fake_photos, migrated.fake_sketches
        assert fake_photos is not None
        assert fake_sketches is not None
        n = len(sketches)  # followed by the triplets' negatives
        photos, fake_sketches = photos[:n], fake_sketches[:n]
        for name, critic, real, fake in zip(
            ("photo", "sketch"),
            critics,
            (photos, sketches),
            (fake_photos, fake_sketches),
            strict=True,
        ):
            assert critic is not None
            judged = critic(torch.cat([real.detach(), fake.detach()]))
            critical = discriminator_loss(judged[: len(real)], judged[len(real) :])
            add(f"critic_{name}", critical, 1.0)
            fooled = generator_loss(
                frozen_logits(critic, real.detach(), fake), form=settings.adversarial_form
            )
            add(f"adversarial_{name}", fooled, settings.gan_weight)
        drawn_again = model.to_sketch(fake_photos)[0]
        shown_again = model.to_photo(fake_sketches)[0]
        distance = settings.cycle_distance
        cycled = cycle_loss(drawn_again, sketches, distance=distance)
        cycled = cycled + cycle_loss(shown_again, photos, distance=distance)
        add("cycle", cycled, settings.gan_weight * settings.cycle_weight)

    def outputs(self, migrated: Migrated) -> tuple[Tensor, Tensor]:
        """Hash both domains in one pass, so that BatchNorm sees both: (N, K), (P, K)."""
        settings, hashing = self._settings, self.learner.model.hashing
        seen, shown, cycled = migrated.seen, migrated.shown, migrated.cycled
        joined = torch.cat([seen, shown] if cycled is None else [seen, shown, cycled])
        features = hashing.features(joined if settings.joint else joined.detach())
        n, p = len(seen), len(shown)
        drawn = hashing.outputs(features[:n], "sketch")
        photo = hashing.outputs(features[n : n + p], "photo")
        again = photo if cycled is None else hashing.outputs(features[n + p :], "sketch")
        return mixed_up(drawn, drawn, settings.mix_up), mixed_up(photo, again, settings.mix_up)

    def _triplet(self, batch: GdhBatch, sketches: Tensor, photos: Tensor) -> Tensor:
        settings, n = self._settings, len(sketches)
        if settings.negatives == "batch":
            return batch_code_triplet_loss(
                sketches, photos[:n], batch.other, margin=settings.margin, violating=settings.violating
            )
        return code_triplet_loss(
            sketches, photos[:n], photos[n:], margin=settings.margin, violating=settings.violating
        )

    def contrast(self, batch: GdhBatch, sketches: Tensor, photos: Tensor) -> Tensor:
        """Return symmetric InfoNCE of binary codes, with the gradient of tanh, or of codes relaxed by tanh."""
        same = ~(batch.other | torch.eye(len(batch.other), dtype=torch.bool, device=batch.other.device))
        codes = []
        for outputs in (sketches, photos):
            relaxed = torch.tanh(outputs)
            if self._settings.contrast_codes == "binary":
                signs = torch.where(outputs > 0, 1.0, -1.0)
                relaxed = signs + (relaxed - relaxed.detach())
            codes.append(F.normalize(relaxed, dim=1))
        return info_nce(*codes, temperature=self._settings.temperature, excluded=same)

    def quantisation(self, batch: GdhBatch, sketches: Tensor, photos: Tensor) -> Tensor:
        """Return L_q (Eq. 5) of outputs, or of their first bits. Without categories, B is the signs of the outputs."""
        bits = sketches.shape[1]
        if not self._data.factorises:
            return bits * (quantisation_loss(photos) + quantisation_loss(sketches))
        photo_codes = self.learner.photo_codes[batch.photo_places, :bits].float()
        sketch_codes = self.learner.sketch_codes[batch.sketch_places, :bits].float()
        return code_regression_loss(photos, photo_codes) + code_regression_loss(sketches, sketch_codes)


def _not_migrated(sketches: Tensor, photos: Tensor, *, mixes: bool) -> Migrated:
    return Migrated(photos, None, None, sketches, photos, photos if mixes else None)


def frozen_logits(critic: nn.Module, real: Tensor, fake: Tensor) -> Tensor:
    """Return a discriminator's logits for generated images (B, ...), without gradient to its weights or new statistics.

    The pass includes the real images, as in training; otherwise BatchNorm statistics would reveal generated images.
    """
    state = {name: value.detach() for name, value in critic.named_parameters()}
    state |= {name: value.clone() for name, value in critic.named_buffers()}
    logits: Tensor = functional_call(critic, state, (torch.cat([real, fake]),))
    return logits[len(real) :]
