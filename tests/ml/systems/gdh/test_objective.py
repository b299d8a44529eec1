"""The training objective of `gdh`: losses, closed-form steps, switches and initialisation."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from ml.datasets.frames import Kind
from ml.datasets.pairs import PairDataset
from ml.losses.semantic_factorisation import basis_step
from ml.models.gdh.network import Gdh
from ml.systems.gdh import codes as gdh_codes
from ml.systems.gdh.codes import init_from_discriminant_axes, renew_codes
from ml.systems.gdh.config import GdhSettings
from ml.systems.gdh.data import GdhData
from ml.systems.gdh.learner import Floats, encode
from ml.systems.gdh.objective import Objective, frozen_logits
from tests.support.tiny_gdh import learner_of, tiny

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)
    torch.manual_seed(0)


def test_closed_form_steps_reduce_the_objective(sketchy: PairDataset) -> None:
    settings = tiny()
    learner, data = learner_of(sketchy, settings)
    labels = np.concatenate([data.photo_labels[data.photos], data.sketch_labels[data.sketches]])
    classes = torch.eye(3)[torch.from_numpy(labels)]

    def semantic() -> float:
        codes = torch.cat([learner.photo_codes, learner.sketch_codes]).float()
        basis = basis_step(codes, classes)  # the best D of these codes
        return float((codes - classes @ basis).square().sum() + basis.square().sum()) / len(codes)

    at_random = semantic()
    wanted = classes @ basis_step(torch.cat([learner.photo_codes, learner.sketch_codes]).float(), classes)
    renewed = renew_codes(learner, data, settings)
    assert semantic() <= renewed + 1e-4 < at_random
    assert learner.training
    codes = torch.cat([learner.photo_codes, learner.sketch_codes])
    decided = (
        wanted.abs() > 0.01
    )  # where the codes of a category cancel out, the outputs of the network decide
    assert decided.any()
    assert torch.equal(codes[decided].float(), wanted[decided].sign())


def test_outputs_are_computed_only_where_they_decide(
    sketchy: PairDataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = tiny()
    torch.manual_seed(0)
    learner, data = learner_of(sketchy, settings)
    asked: list[int] = []

    def counted(
        model: Gdh, data: GdhData, kind: Kind, rows: NDArray[np.intp], settings: GdhSettings
    ) -> Floats:
        asked.append(len(rows))
        return encode(model, data, kind, rows, settings)

    monkeypatch.setattr(gdh_codes, "encode", counted)
    renew_codes(learner, data, settings)
    first = sum(asked)
    renew_codes(learner, data, settings)
    assert sum(asked[2:]) < first
    settled = torch.cat([learner.photo_codes, learner.sketch_codes])
    renew_codes(learner, data, settings)
    assert torch.equal(torch.cat([learner.photo_codes, learner.sketch_codes]), settled)


@pytest.mark.parametrize(
    "choices",
    [
        ("unification_weight=0",),
        ("quantisation_weight=0",),
        ("gan=false",),
        ("attention=false",),
        ("mix_up=linear",),
        ("mix_up=concatenation",),
        ("mix_up=kronecker",),
        ("embedding=sketch",),
        ("embedding=none", "gan=false"),
        ("joint=false", "straight_through=false", "norm=instance", "residual=false", "background=grey"),
        ("negatives=triplets", "annotated=0.75", "adversarial_form=minimax", "cycle_distance=frobenius"),
        ("photo_kind=edge", "augment=0", "erase_prob=0", "domain_norm=false"),
        ("migrated_pairs=2", "shorter=8"),
        ("migrated_pairs=2", "embedding=sketch", "contrast_weight=0"),
        ("migrated_pairs=2", "mix_up=linear", "triplet_weight=0"),
    ],
)
def test_rows_of_table_5_and_repairs_have_finite_gradients(
    hats: PairDataset, choices: tuple[str, ...]
) -> None:
    settings = tiny(*choices)
    learner, data = learner_of(hats, settings)
    loss, parts = Objective(learner, data, settings)(data.batch(0))
    loss.backward()  # type: ignore[no-untyped-call]
    assert all(
        torch.isfinite(parameter.grad).all()
        for parameter in learner.parameters()
        if parameter.grad is not None
    )
    assert learner.model.hashing.code.weight.grad is not None
    assert ("cycle" in parts) == settings.gan
    assert ("unification" in parts) == (settings.unification_weight > 0)
    assert ("quantisation" in parts) == (settings.quantisation_weight > 0)


@pytest.mark.parametrize("joint", [True, False])
def test_hashing_losses_reach_the_generators_where_joint(hats: PairDataset, joint: bool) -> None:
    settings = tiny(f"joint={str(joint).lower()}", "gan=false", "residual=false")
    learner, data = learner_of(hats, settings)
    loss, _ = Objective(learner, data, settings)(data.batch(0))
    loss.backward()  # type: ignore[no-untyped-call]
    attention = learner.model.to_sketch.attention
    assert attention is not None
    for parameter in (next(learner.model.to_photo.parameters()), attention.score.weight):
        assert (parameter.grad is not None and bool(parameter.grad.abs().sum() > 0)) == joint


def test_generators_and_discriminators_do_not_train_each_other(hats: PairDataset) -> None:
    settings = tiny()
    learner, data = learner_of(hats, settings)
    critic = learner.photo_critic
    assert critic is not None
    before = {name: value.clone() for name, value in critic.named_buffers()}
    batch = data.batch(0)
    fake = batch.sketches.clone().requires_grad_()
    frozen_logits(critic, batch.photos, fake).sum().backward()  # type: ignore[no-untyped-call]
    assert fake.grad is not None
    assert all(parameter.grad is None for parameter in critic.parameters())
    assert all(torch.equal(value, before[name]) for name, value in critic.named_buffers())


def test_a_part_of_the_pairs_trains_the_generators_and_all_are_hashed(hats: PairDataset) -> None:
    """With a normalisation that is independent of the batch, outputs do not depend on the choice of pairs."""
    found = {}
    for pairs in (2, 4):
        settings = tiny(f"migrated_pairs={pairs}", "norm=instance", "gan=false")
        torch.manual_seed(0)  # equal initial weights
        learner, data = learner_of(hats, settings)
        learner.model.hashing.eval()
        objective, batch = Objective(learner, data, settings), data.batch(0)
        loss, parts = objective(batch)
        loss.backward()  # type: ignore[no-untyped-call]
        gradients = [
            weight.grad.flatten() for weight in learner.model.to_photo.parameters() if weight.grad is not None
        ]
        found[pairs] = parts, torch.cat(gradients)
    assert found[2][0] == pytest.approx(found[4][0], rel=1e-3)
    assert not torch.allclose(found[2][1], found[4][1])


def test_overfits_one_batch(hats: PairDataset) -> None:
    settings = tiny("gan=false", "quantisation_weight=0", "unification_weight=0", "contrast_weight=0")
    learner, data = learner_of(hats, settings)
    batch, objective = data.batch(0), Objective(learner, data, settings)
    optimizer = torch.optim.Adam(learner.parameters(), 2e-3)
    losses = []
    for _ in range(30):
        loss, _ = objective(batch)
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < 0.1 * losses[0]


def test_the_last_layer_starts_at_the_discriminant_axes(hats: PairDataset) -> None:
    settings = tiny("attention=false")
    learner, data = learner_of(hats, settings)
    init_from_discriminant_axes(learner, data, settings)
    sketches = encode(learner.model, data, "sketch", data.sketches, settings)
    photos = encode(learner.model, data, "photo", data.photos, settings)
    outputs = np.concatenate([sketches, photos])
    np.testing.assert_allclose(outputs.mean(axis=0), 0, atol=1e-2)
    np.testing.assert_allclose(outputs.std(axis=0, ddof=1), 1, atol=1e-2)


def test_initial_codes_are_the_signs_of_the_category_outputs(sketchy: PairDataset) -> None:
    settings = tiny("attention=false")
    learner, data = learner_of(sketchy, settings)
    init_from_discriminant_axes(learner, data, settings)
    labels = np.concatenate([data.photo_labels[data.photos], data.sketch_labels[data.sketches]])
    codes = torch.cat([learner.photo_codes, learner.sketch_codes]).numpy()
    outputs = np.concatenate(
        [
            encode(learner.model, data, "photo", data.photos, settings),
            encode(learner.model, data, "sketch", data.sketches, settings),
        ]
    )
    photos = np.arange(len(labels)) < len(data.photos)
    for label in np.unique(labels):
        own = codes[labels == label]
        assert (own == own[0]).all()
        means = [outputs[(labels == label) & (photos == each)].mean(axis=0) for each in (True, False)]
        assert (np.where(sum(means) > 0, 1, -1) == own[0]).mean() > 0.9  # the rest differs by half precision
    before = codes.copy()
    renew_codes(learner, data, settings)  # codes of whole categories do not change
    assert (torch.cat([learner.photo_codes, learner.sketch_codes]).numpy() == before).all()


def test_category_level_negatives_are_of_other_categories(sketchy: PairDataset) -> None:
    _, data = learner_of(sketchy, tiny("mode=category"))
    batch = data.batch(0)
    sketches = data.sketch_labels[data.sketches[batch.sketch_places.numpy()]]
    photos = data.photo_labels[data.photos[batch.photo_places.numpy()]]
    assert (batch.other.numpy() == (sketches[:, None] != photos)).all()
    assert not batch.other.diagonal().any()
