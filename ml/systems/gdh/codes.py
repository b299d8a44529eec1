"""GDH's codes: initialisation of codes and hash layer, and the closed-form steps of Algorithm 1."""

from __future__ import annotations

import numpy as np
import torch
import torch.nn.functional as F

from ml.datasets.frames import Kind
from ml.losses.semantic_factorisation import basis_step, code_step
from ml.models.gdh.mix_up import mixed_up
from ml.systems.gdh.config import GdhSettings
from ml.systems.gdh.data import GdhData, Rows, as_input, images
from ml.systems.gdh.learner import GdhLearner, encode

_BATCH = 64
_LARGEST_OUTPUT = 1e3  # far above any hash logit
_INIT_IMAGES = 4096  # images per domain, at most, that initialise the last layer


@torch.no_grad()
def init_from_discriminant_axes(learner: GdhLearner, data: GdhData, settings: GdhSettings) -> None:
    """Initialise the hashing network's last layer from untrained features of training images (`HashNet.initialise`).

    Labels are products if they are ranked, or else categories. With codes_init=outputs, the codes are initialised with
    the signs of the layer's mean outputs by category.
    """
    model = learner.model.eval()
    device = next(model.parameters()).device
    rng = np.random.default_rng(settings.seed)
    sketches = np.sort(rng.permutation(data.sketches)[:_INIT_IMAGES])
    true = data.dataset.true_photos[sketches]
    photos = np.unique(true) if data.ranks else np.sort(rng.permutation(data.photos)[:_INIT_IMAGES])
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
    if data.factorises and settings.codes_init == "outputs":
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
    """Do the D, B^I and B^S steps, once per epoch (Eqs. 9, 12, 13). Returns the value of Eq. 4, a mean over items.

    Outputs have the small weight alpha, so they are only computed for categories that D leaves undecided: for nearly all
    random codes at first, and for none later.
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
