"""The second part of the embedding, from a tiny encoder and a generated catalogue."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from ml.models.sketch_encoder import DOMAINS, SketchEncoder, SketchEncoderConfig
from ml.systems.sketchfind.config import SketchfindConfig
from ml.systems.sketchfind.data import SketchfindData
from ml.systems.sketchfind.layout import CODE_LENGTH, LAYOUT_DIM, LAYOUT_WEIGHT, _products, with_layout

pytestmark = pytest.mark.slow

LEARNED = 32


@pytest.fixture(scope="module")
def data(root: Path) -> SketchfindData:
    config = SketchfindConfig(
        quickdraw=root / "doodles",
        pairs=6,
        category_sketches=4,
        image_size_px=64,
        embedding_dim=LEARNED,
        code_length=16,
    )
    return SketchfindData(config, root)


@pytest.fixture(scope="module")
def trained() -> SketchEncoder:
    torch.manual_seed(0)
    encoder = SketchEncoder(SketchEncoderConfig(64, 4, LEARNED, 16))
    encoder.trunk.load_imagenet()
    encoder.trunk.fold_batch_norm()
    return encoder.eval()


@pytest.fixture(scope="module")
def extended(trained: SketchEncoder, data: SketchfindData) -> SketchEncoder:
    return with_layout(trained, data)


@pytest.fixture(scope="module")
def seen(extended: SketchEncoder, data: SketchfindData) -> tuple[torch.Tensor, torch.Tensor]:
    """Standardised features and domains of the training split."""
    with torch.no_grad():
        return _products(extended, data)


@torch.no_grad()
def test_embeddings_have_unit_length_and_the_sizes_of_both_parts(
    extended: SketchEncoder, seen: tuple[torch.Tensor, torch.Tensor]
) -> None:
    embedding, logits, projection = extended.heads(*seen)
    assert embedding.shape == projection.shape == (len(seen[0]), LEARNED + LAYOUT_DIM)
    assert logits.shape == (len(seen[0]), CODE_LENGTH)
    torch.testing.assert_close(embedding.norm(dim=1), torch.ones(len(embedding)), atol=1e-4, rtol=0)
    torch.testing.assert_close(
        embedding[:, LEARNED:].square().sum(1),
        torch.full((len(embedding),), LAYOUT_WEIGHT),
        atol=1e-4,
        rtol=0,
    )
    assert not extended.training
    assert (extended.config.layout_dim, extended.config.layout_weight) == (LAYOUT_DIM, LAYOUT_WEIGHT)


@torch.no_grad()
def test_the_layout_of_each_domain_is_centred(
    extended: SketchEncoder, seen: tuple[torch.Tensor, torch.Tensor]
) -> None:
    standardised, domain = seen
    layout = extended.heads(standardised, domain)[2][:, LEARNED:]
    for number in range(len(DOMAINS)):
        mean = layout[domain == number].mean(0)
        assert mean.norm() < 1e-3 * layout.norm(dim=1).mean()
    assert not extended.catalogue_centres.any()


@torch.no_grad()
def test_the_layout_depends_on_the_grid_alone(
    extended: SketchEncoder, seen: tuple[torch.Tensor, torch.Tensor]
) -> None:
    standardised, domain = seen
    other = standardised.clone()
    other[:, extended.config.n_grid_features :] = 7.0
    before, after = (extended.heads(each, domain)[2] for each in (standardised, other))
    assert torch.equal(before[:, LEARNED:], after[:, LEARNED:])
    assert not torch.allclose(before[:, :LEARNED], after[:, :LEARNED])


@torch.no_grad()
def test_the_learned_part_keeps_its_cosines(
    trained: SketchEncoder, extended: SketchEncoder, seen: tuple[torch.Tensor, torch.Tensor]
) -> None:
    """All axes are kept here, because there are fewer than the part has room for."""
    before = trained.heads(*seen)[0]
    learned = extended.heads(*seen)[0][:, :LEARNED]
    torch.testing.assert_close(
        learned @ learned.T / (1 - LAYOUT_WEIGHT), before @ before.T, atol=1e-3, rtol=0
    )


def test_hash_codes_are_balanced_and_differ(
    extended: SketchEncoder, seen: tuple[torch.Tensor, torch.Tensor]
) -> None:
    with torch.no_grad():
        bits = extended.heads(*seen)[1] > 0
    assert 0.3 < bits.float().mean() < 0.7
    assert len(torch.unique(bits, dim=0)) > len(bits) / 2


def test_the_same_data_gives_the_same_encoder(
    trained: SketchEncoder, extended: SketchEncoder, data: SketchfindData
) -> None:
    again = with_layout(trained, data).state_dict()
    for name, tensor in extended.state_dict().items():
        assert torch.equal(tensor, again[name]), name


@torch.no_grad()
def test_repeated_application_keeps_all_cosines(
    extended: SketchEncoder, data: SketchfindData, seen: tuple[torch.Tensor, torch.Tensor]
) -> None:
    twice = with_layout(extended, data)
    assert twice.config == extended.config
    before, after = (encoder.heads(*seen)[0] for encoder in (extended, twice))
    torch.testing.assert_close(after @ after.T, before @ before.T, atol=1e-3, rtol=0)
