"""The encoder of fine-grained `sketchfind`: shapes, gradients, statistics by group."""

import pytest
import torch

from ml.errors import ConfigError
from ml.models.grid_encoder.config import GridEncoderConfig
from ml.models.grid_encoder.network import GridEncoder

SMALL = GridEncoderConfig(image_size_px=64, grid=2, embedding_dim=16)


@pytest.mark.parametrize("size", [64, 160])
def test_embeddings_have_unit_length_and_every_parameter_a_gradient(size: int) -> None:
    encoder = GridEncoder(GridEncoderConfig(size, grid=4, embedding_dim=16), ["shoes"])
    embedding = encoder(torch.rand(3, 3, size, size) * 255, torch.tensor([0, 1, 2]))
    assert embedding.shape == (3, 16)
    torch.testing.assert_close(embedding.norm(dim=1), torch.ones(3))
    embedding[:, 0].sum().backward()
    assert [name for name, parameter in encoder.named_parameters() if parameter.grad is None] == []


def test_each_domain_of_each_category_has_its_own_statistics() -> None:
    encoder = GridEncoder(SMALL, ["chairs", "shoes"])
    numbers = {encoder.group(c, d) for c in ("chairs", "shoes") for d in ("sketch", "edge", "photo")}
    assert numbers == set(range(6))
    group = torch.arange(6).repeat_interleave(100)
    features = torch.randn(600, encoder.n_features, generator=torch.Generator().manual_seed(0))
    features = features * (1.0 + group[:, None]) + 3.0 * group[:, None]
    encoder.track_statistics(features, group, momentum=1.0)
    for number in range(6):
        rows = encoder.standardised(features, group)[group == number]
        torch.testing.assert_close(rows.mean(0), torch.zeros(encoder.n_features), atol=1e-4, rtol=0)
        torch.testing.assert_close(rows.std(0), torch.ones(encoder.n_features), atol=1e-4, rtol=0)


def test_an_unknown_category_uses_the_mean_of_the_known_ones() -> None:
    encoder = GridEncoder(SMALL, ["chairs", "shoes"])
    encoder.feature_mean[:6] = torch.arange(6.0)[:, None]
    encoder.pool_unknown()
    for number, domain in enumerate(("sketch", "edge", "photo")):
        assert encoder.feature_mean[encoder.group("lamps", domain), 0] == (number + number + 3) / 2


def test_the_projection_starts_on_the_principal_axes() -> None:
    encoder = GridEncoder(SMALL, ["shoes"])
    generator = torch.Generator().manual_seed(0)
    axes = torch.linalg.qr(torch.randn(encoder.n_features, 3, generator=generator)).Q
    points = torch.randn(50, 3, generator=generator) * torch.tensor([9.0, 5.0, 2.0]) @ axes.T
    encoder.initialise_embedding(points)
    found = encoder.embed.weight[:3] @ axes  # 3 x 3, a sign on the diagonal
    torch.testing.assert_close(found.abs(), torch.eye(3), atol=0.2, rtol=0)
    torch.testing.assert_close((found @ found.T).detach(), torch.eye(3), atol=1e-3, rtol=0)


@pytest.mark.parametrize(("field", "value"), [("image_size_px", 100), ("grid", 0), ("last_block", 16)])
def test_invalid_sizes_are_refused_by_name(field: str, value: int) -> None:
    with pytest.raises(ConfigError) as error:
        GridEncoderConfig(**{field: value})
    assert error.value.field == field
