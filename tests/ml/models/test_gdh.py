"""GDH's networks: shapes of Table 1, gradients, the mask, the paths of queries and gallery."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import torch
from torch import nn

from ml.errors import ConfigError
from ml.models.efficientnet_lite import Block
from ml.models.gdh.blocks import AttentionMask
from ml.models.gdh.config import GdhConfig, HashNetConfig, MixUp
from ml.models.gdh.hashing import HashNet, Lite0Grid
from ml.models.gdh.mix_up import mixed_up
from ml.models.gdh.network import Discriminator, Gdh

HASHING = HashNetConfig(16)


@pytest.fixture(autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)
    torch.manual_seed(0)


def config(**choices: Any) -> GdhConfig:
    tiny = GdhConfig(HASHING, image_size_px=32, channels=4, photo_blocks=2, sketch_blocks=1)
    return replace(tiny, **choices)


def images(n: int = 2, side: int = 32) -> torch.Tensor:
    return 2 * torch.rand(n, 3, side, side, generator=torch.Generator().manual_seed(1)) - 1


def n_parameters(module: torch.nn.Module) -> int:
    return sum(parameter.numel() for parameter in module.parameters())


@pytest.mark.parametrize("side", [64, 128, 256])
def test_shapes_of_table_1(side: int) -> None:
    model = Gdh(config(image_size_px=side)).eval()
    critic = Discriminator(model.config).eval()
    with torch.inference_mode():
        shown, none = model.to_photo(images(1, side))
        drawn, mask = model.to_sketch(images(1, side))
        assert none is None
        assert mask is not None
        assert shown.shape == drawn.shape == (1, 3, side, side)
        assert mask.shape == (1, 1, side, side)
        assert critic(shown).shape == (1, 1, side // 8, side // 8)
        assert model.to_photo.encoder(images(1, side)).shape == (1, 16, side // 4, side // 4)
    assert shown.abs().max() <= 1


def test_the_papers_sizes() -> None:
    model = Gdh(GdhConfig(HashNetConfig(128)))
    block = 2 * (128 * 128 * 9 + 2 * 128)
    apart = n_parameters(model.to_photo) - n_parameters(model.to_sketch)
    assert apart == 3 * block - (128 + 1)  # nine blocks against six; the attention has a 1x1 convolution
    assert model.hashing.code.out_features == 128


@pytest.mark.parametrize("norm", ["batch", "instance"])
def test_every_parameter_has_a_gradient(norm: str) -> None:
    model, critic = Gdh(config(norm=norm)), Discriminator(config(norm=norm))
    shown, _ = model.to_photo(images(4))
    drawn, mask = model.to_sketch(images(4))
    codes = model.hashing(model.masked(shown, mask), "photo")
    (codes.square().mean() + critic(drawn).square().mean() + drawn.mean()).backward()
    for module in (model, critic):
        for name, parameter in module.named_parameters():
            assert parameter.grad is not None, name
            assert torch.isfinite(parameter.grad).all(), name


def test_the_mask_is_binary_and_keeps_values_above_the_mean() -> None:
    attention = AttentionMask(8, 1.0, straight_through=True)
    features = torch.randn(3, 8, 6, 6)
    assert (attention(features) == 1).all()  # before training
    nn.init.normal_(attention.score.weight)
    mask = attention(features)
    scores = attention.score(features).flatten(1)
    expected = torch.softmax(scores, 1) >= 1 / 36
    torch.testing.assert_close(mask.detach().flatten(1), expected.float())
    assert 0 < float(mask.detach().mean()) < 1


def test_equal_attention_keeps_everything() -> None:
    attention = AttentionMask(8, 1.0, straight_through=False)
    assert (attention(torch.ones(2, 8, 5, 7)) == 1).all()


def test_straight_through_enables_the_gradient_of_the_mask() -> None:
    for straight in (True, False):
        model = Gdh(config(straight_through=straight))
        mask = model.to_sketch.mask(images())
        model.hashing(model.masked(images(), mask), "photo").square().mean().backward()
        assert model.to_sketch.attention is not None
        assert (model.to_sketch.attention.score.weight.grad is not None) == straight


def test_background_of_masked_photos() -> None:
    mask = torch.zeros(2, 1, 32, 32)
    mask[:, :, :16] = 1
    for background, value in (("grey", 0), ("white", 1)):
        masked = Gdh(config(background=background)).masked(images(), mask)
        assert (masked[:, :, 16:] == value).all()
        assert torch.equal(masked[:, :, :16], images()[:, :, :16])


def test_residual_generators_start_as_the_identity() -> None:
    model = Gdh(config(residual=True)).eval()
    with torch.no_grad():
        shown, _ = model.to_photo(images())
    torch.testing.assert_close(shown, torch.tanh(1.5 * images()))


@pytest.mark.parametrize("mix_up", ["none", "linear", "concatenation", "kronecker"])
def test_paths_of_queries_and_gallery(mix_up: MixUp) -> None:
    model = Gdh(config(mix_up=mix_up)).eval()
    with torch.inference_mode():
        drawn = model.hashing(model.to_photo(images())[0], "sketch")
        torch.testing.assert_close(model.query(images()), mixed_up(drawn, drawn, mix_up))
        migrated, mask = model.to_sketch(images())
        real = model.hashing(model.masked(images(), mask), "photo")
        cycled = model.hashing(model.to_photo(migrated)[0], "sketch")
        torch.testing.assert_close(model.gallery(images()), mixed_up(real, cycled, mix_up))


def test_a_cached_mask_gives_the_same_codes() -> None:
    model = Gdh(config()).eval()
    with torch.inference_mode():
        mask = model.to_sketch.mask(images())
        torch.testing.assert_close(model.gallery(images(), mask), model.gallery(images()))


def test_codes_in_the_sketch_domain_or_without_migration() -> None:
    sketch, none = Gdh(config(embedding="sketch")).eval(), Gdh(config(embedding="none")).eval()
    with torch.inference_mode():
        torch.testing.assert_close(sketch.query(images()), sketch.hashing(images(), "sketch"))
        torch.testing.assert_close(
            sketch.gallery(images()), sketch.hashing(sketch.to_sketch(images())[0], "photo")
        )
        torch.testing.assert_close(none.query(images()), none.hashing(images(), "sketch"))


def test_mix_ups_by_hand() -> None:
    a, b = torch.arange(1.0, 5)[None], torch.arange(10.0, 50, 10)[None]
    assert mixed_up(a, b, "linear").tolist() == [[5.5, 11, 16.5, 22]]
    assert mixed_up(a, b, "concatenation").tolist() == [[1, 2, 30, 40]]
    assert mixed_up(a, b, "kronecker").tolist() == [[30, 40, 60, 80]]
    assert mixed_up(a, b, "none") is a


@pytest.mark.parametrize("kind", ["linear", "concatenation", "kronecker"])
@pytest.mark.parametrize("code_length", [32, 64, 128])
def test_mix_ups_keep_the_code_length(kind: MixUp, code_length: int) -> None:
    outputs = torch.randn(2, code_length)
    assert mixed_up(outputs, outputs, kind).shape == (2, code_length)


def test_the_lite0_hashing_network_trains_its_upper_blocks() -> None:
    network = HashNet(HashNetConfig(32, "lite0", domain_norm=True), pretrained=False)
    assert network(images(2, 64), "photo").shape == (2, 32)
    network(images(2, 64), "sketch").square().mean().backward()
    assert isinstance(network.features, Lite0Grid)
    trunk = network.features.trunk
    assert trunk._conv_stem.weight.grad is None
    trained = [any(parameter.grad is not None for parameter in block.parameters()) for block in trunk._blocks]
    assert trained == [False] * 5 + [True] * 6
    assert all(isinstance(b, Block) and b._depthwise_conv.weight.grad is None for b in trunk._blocks)


def test_deep_features_of_lite0() -> None:
    network = HashNet(HashNetConfig(32, "lite0", last_block=15, grid=1))
    assert network.features(images(1, 64)).shape == (1, 320)
    with pytest.raises(ConfigError, match="last_block"):
        HashNetConfig(32, "lite0", last_block=16)
    with pytest.raises(ConfigError, match="frozen_blocks"):
        HashNetConfig(32, "lite0", frozen_blocks=12)
    with pytest.raises(ConfigError, match="grid"):
        HashNetConfig(32, "lite0", grid=0)


@pytest.mark.parametrize(
    ("choices", "field"),
    [
        ({"image_size_px": 100}, "image_size_px"),
        ({"threshold": 1.5}, "threshold"),
        ({"channels": 0}, "channels"),
        ({"mix_up": "linear", "embedding": "sketch"}, "mix_up"),
    ],
)
def test_contradictions_are_refused(choices: dict[str, Any], field: str) -> None:
    with pytest.raises(ConfigError, match=field):
        config(**choices)


def test_code_lengths_are_whole_bytes() -> None:
    with pytest.raises(ConfigError, match="code_length"):
        HashNetConfig(36)
