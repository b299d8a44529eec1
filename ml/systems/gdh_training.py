"""GDH's objective (ECCV 2018, Eqs. 7 and 14) and its alternation with the closed-form steps (Algorithm 1).

Both sides of Eq. 1's game move in one backward pass: the generators' loss is read from discriminators whose weights are
held, the discriminators' from generated images that are.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.func import functional_call

from ml.datasets.frames import Kind
from ml.losses.adversarial import discriminator_loss, generator_loss
from ml.losses.code_triplet import batch_code_triplet_loss, code_triplet_loss
from ml.losses.cycle_consistency import cycle_loss
from ml.losses.info_nce import info_nce
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
_LARGEST_OUTPUT = 1e3  # no hash logit comes near it
_BEGINNING = 4096  # images of each domain, at most, whose features the last layer begins at
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
    with torch.inference_mode(), autocast(device, settings.precision):
        for start in range(0, len(rows), _BATCH):
            pixels = images(data.dataset, kind, rows[start : start + _BATCH], settings)
            inputs = as_input(pixels).to(device)
            parts.append(model.query(inputs) if kind == "sketch" else model.gallery(inputs))
    model.train(training)
    if not parts:
        return np.zeros((0, settings.code_length), np.float32)
    return np.asarray(torch.cat(parts).float().cpu().numpy(), dtype=np.float32)


@torch.no_grad()
def begin_at_discriminant_axes(learner: GdhLearner, data: GdhData, settings: GdhSettings) -> None:
    """Start the hashing network's last layer at the untrained features of training images (`HashNet.initialise`).

    What should lie together is a product's images, or a category's where products are not told apart. With
    codes_begin=outputs the codes start at what that layer says of the categories.
    """
    model = learner.model.eval()
    device = next(model.parameters()).device
    rng = np.random.default_rng(settings.seed)
    sketches = np.sort(rng.permutation(data.sketches)[:_BEGINNING])
    true = data.dataset.true_photos[sketches]
    photos = np.unique(true) if data.ranks else np.sort(rng.permutation(data.photos)[:_BEGINNING])
    labels = [true, photos] if data.ranks else [data.sketch_labels[sketches], data.photo_labels[photos]]
    found = []
    of_kinds: tuple[tuple[Kind, Rows], ...] = (("sketch", sketches), (settings.photo_kind, photos))
    for kind, rows in of_kinds:
        parts = []
        for start in range(0, len(rows), _BATCH):
            inputs = as_input(images(data.dataset, kind, rows[start : start + _BATCH], settings)).to(device)
            migrates = kind == "sketch" and settings.embedding == "photo"
            parts.append(model.hashing.features(model.to_photo(inputs)[0] if migrates else inputs).float())
        found.append(torch.cat(parts))
    model.hashing.initialise(found[0], found[1], torch.from_numpy(np.concatenate(labels)).to(device))
    if data.factorises and settings.codes_begin == "outputs":
        outputs = [model.hashing.outputs(found[0], "sketch"), model.hashing.outputs(found[1], "photo")]
        means = torch.zeros(len(data.dataset.categories), settings.code_length, device=device)
        categories = (data.sketch_labels[sketches], data.photo_labels[photos])
        for of_domain, labels_of in zip(outputs, categories, strict=True):
            members = F.one_hot(torch.from_numpy(labels_of).to(device), len(means)).float()  # (N, L)
            fused = mixed_up(of_domain, of_domain, settings.mix_up)
            means += members.T @ fused / members.sum(0)[:, None].clamp_min(1)
        codes = torch.where(means > 0, 1, -1).to(torch.int8)
        learner.photo_codes.copy_(codes[torch.from_numpy(data.photo_labels[data.photos])])
        learner.sketch_codes.copy_(codes[torch.from_numpy(data.sketch_labels[data.sketches])])


def renew_codes(learner: GdhLearner, data: GdhData, settings: GdhSettings) -> float:
    """The D, B^I and B^S steps, once an epoch (Eqs. 9, 12, 13). Returns what Eq. 4 comes to, a mean over items.

    Outputs weigh alpha beside the categories' D, so they are computed of those categories alone that D leaves undecided:
    at the first of the random codes of nearly all, later of none.
    """
    n_photos = len(data.photos)
    labels = np.concatenate([data.photo_labels[data.photos], data.sketch_labels[data.sketches]])
    classes = torch.eye(len(data.dataset.categories))[torch.from_numpy(labels)]  # Y (N, C)
    codes = torch.cat([learner.photo_codes, learner.sketch_codes]).cpu().float()
    basis = basis_step(codes, classes)
    undecided = (basis.abs() <= settings.alpha * _LARGEST_OUTPUT).any(dim=1).numpy()[labels]
    outputs = torch.zeros_like(codes)
    kinds: tuple[tuple[Kind, Rows, int], ...]
    kinds = ((settings.photo_kind, data.photos, 0), ("sketch", data.sketches, n_photos))
    for kind, rows, start in kinds:
        places = np.flatnonzero(undecided[start : start + len(rows)])
        outputs[start + places] = torch.from_numpy(encode(learner.model, data, kind, rows[places], settings))
    codes = code_step(classes, basis, outputs, alpha=settings.alpha)
    learner.photo_codes.copy_(codes[:n_photos])
    learner.sketch_codes.copy_(codes[n_photos:])
    semantic = (codes - classes @ basis).square().sum() + basis.square().sum()
    return float(semantic) / len(codes)


@dataclass(frozen=True)
class Migrated:
    """What the generators made of N sketches and P photos, each (., 3, S, S).

    masked: the photos under their mask. fake_photos, fake_sketches: painted, where anything asked for them. seen, shown,
    cycled: what the hashing network sees of the sketches, of the photos, and of these after a cycle.
    """

    masked: Tensor
    fake_photos: Tensor | None
    fake_sketches: Tensor | None
    seen: Tensor
    shown: Tensor
    cycled: Tensor | None


class Objective:
    """Eq. 14 of a batch: its value and its parts.

    The first `migrated_pairs` of a batch train the generators, by all losses; the others are migrated and hashed alone.
    In training the hashing network's norms, `domain_norm` among them, see the two groups one after the other.
    """

    def __init__(self, learner: GdhLearner, data: GdhData, settings: GdhSettings) -> None:
        self.learner, self._data, self._settings = learner, data, settings

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
                self._migrated(batch.sketches[:m], batch.photos[: m if some else None], paints=settings.gan)
            ]
            if some:
                with torch.no_grad():
                    groups.append(self._migrated(batch.sketches[m:], batch.photos[m:], paints=False))
            if settings.gan:
                self._add_migration(batch.sketches[:m], groups[0], add)
        outputs = [self._outputs(group) for group in groups]
        sketch_outputs, photo_outputs = (torch.cat(domain) for domain in zip(*outputs, strict=True))
        lengths = settings.lengths
        if self._data.ranks and settings.triplet_weight:
            ranked = [self._triplet(batch, sketch_outputs[:, :k], photo_outputs[:, :k]) for k in lengths]
            add("triplet", torch.stack(ranked).mean(), settings.triplet_weight)
        if settings.contrast_weight:
            told = [self._contrast(batch, sketch_outputs[:, :k], photo_outputs[:n, :k]) for k in lengths]
            add("contrast", torch.stack(told).mean(), settings.contrast_weight)
        if settings.quantisation_weight:
            quantised = self._quantisation(batch, sketch_outputs, photo_outputs[:n])
            add("quantisation", quantised, settings.quantisation_weight)
        if settings.unification_weight:
            unified = unification_loss(photo_outputs[:n], sketch_outputs)
            add("unification", unified, settings.unification_weight)
        if not losses:
            raise ValueError("every loss is switched off")
        return torch.stack(losses).sum(), parts

    def _migrated(self, sketches: Tensor, photos: Tensor, *, paints: bool) -> Migrated:
        """What the generators make of sketches (N, 3, S, S) and photos (P, 3, S, S). paints: both ways, whatever for."""
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
        """L_gan (Eq. 3) of pairs: photos are masked ones."""
        settings, model = self._settings, self.learner.model
        critics = (self.learner.photo_critic, self.learner.sketch_critic)
        photos, fake_photos, fake_sketches = migrated.masked, migrated.fake_photos, migrated.fake_sketches
        assert fake_photos is not None
        assert fake_sketches is not None
        n = len(sketches)  # behind them are the triplets' negatives
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
            fooled = generator_loss(held(critic, real.detach(), fake), form=settings.adversarial_form)
            add(f"adversarial_{name}", fooled, settings.gan_weight)
        drawn_again = model.to_sketch(fake_photos)[0]
        shown_again = model.to_photo(fake_sketches)[0]
        distance = settings.cycle_distance
        cycled = cycle_loss(drawn_again, sketches, distance=distance)
        cycled = cycled + cycle_loss(shown_again, photos, distance=distance)
        add("cycle", cycled, settings.gan_weight * settings.cycle_weight)

    def _outputs(self, migrated: Migrated) -> tuple[Tensor, Tensor]:
        """The hashing network on both domains in one pass, whose BatchNorm then knows both, (N, K), (P, K)."""
        settings, hashing = self._settings, self.learner.model.hashing
        seen, shown, cycled = migrated.seen, migrated.shown, migrated.cycled
        joined = torch.cat([seen, shown] if cycled is None else [seen, shown, cycled])
        features = hashing.features(joined if settings.joint else joined.detach())
        n, p = len(seen), len(shown)
        drawn = hashing.outputs(features[:n], "sketch")
        filmed = hashing.outputs(features[n : n + p], "photo")
        again = filmed if cycled is None else hashing.outputs(features[n + p :], "sketch")
        return mixed_up(drawn, drawn, settings.mix_up), mixed_up(filmed, again, settings.mix_up)

    def _triplet(self, batch: GdhBatch, sketches: Tensor, photos: Tensor) -> Tensor:
        settings, n = self._settings, len(sketches)
        if settings.negatives == "batch":
            return batch_code_triplet_loss(
                sketches, photos[:n], batch.other, margin=settings.margin, violating=settings.violating
            )
        return code_triplet_loss(
            sketches, photos[:n], photos[n:], margin=settings.margin, violating=settings.violating
        )

    def _contrast(self, batch: GdhBatch, sketches: Tensor, photos: Tensor) -> Tensor:
        """Symmetric InfoNCE of codes, whose gradient is that of tanh, or of codes relaxed by it."""
        same = ~(batch.other | torch.eye(len(batch.other), dtype=torch.bool, device=batch.other.device))
        codes = []
        for outputs in (sketches, photos):
            relaxed = torch.tanh(outputs)
            if self._settings.contrast_codes == "binary":
                signs = torch.where(outputs > 0, 1.0, -1.0)
                relaxed = signs + (relaxed - relaxed.detach())
            codes.append(F.normalize(relaxed, dim=1))
        return info_nce(*codes, temperature=self._settings.temperature, excluded=same)

    def _quantisation(self, batch: GdhBatch, sketches: Tensor, photos: Tensor) -> Tensor:
        """L_q (Eq. 5). Without categories nothing sets B but the outputs' own signs."""
        if not self._data.factorises:
            return sketches.shape[1] * (quantisation_loss(photos) + quantisation_loss(sketches))
        photo_codes = self.learner.photo_codes[batch.photo_places].float()
        sketch_codes = self.learner.sketch_codes[batch.sketch_places].float()
        return code_regression_loss(photos, photo_codes) + code_regression_loss(sketches, sketch_codes)


def _not_migrated(sketches: Tensor, photos: Tensor, *, mixes: bool) -> Migrated:
    return Migrated(photos, None, None, sketches, photos, photos if mixes else None)


def held(critic: nn.Module, real: Tensor, fake: Tensor) -> Tensor:
    """A discriminator's logits for generated images (B, ...), by weights that get no gradient and statistics that stay.

    The real images are beside them, as when it is trained: BatchNorm would else tell the two apart by their statistics.
    """
    state = {name: value.detach() for name, value in critic.named_parameters()}
    state |= {name: value.clone() for name, value in critic.named_buffers()}
    logits: Tensor = functional_call(critic, state, (torch.cat([real, fake]),))
    return logits[len(real) :]
