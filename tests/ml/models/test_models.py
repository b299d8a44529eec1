"""The encoder of `sketchfind`: shapes, gradients, folding of BatchNorm."""

import pytest
import torch

from ml.models.efficientnet_lite import FROZEN_SLICE, EfficientNetLite0
from ml.models.sketch_encoder import DOMAINS, SketchEncoder, SketchEncoderConfig


@pytest.fixture(scope="module")
def trunk() -> EfficientNetLite0:
    model = EfficientNetLite0()
    model.load_imagenet()
    return model.eval()


def test_trunk_loads_imagenet_and_has_strides_16_and_32(trunk: EfficientNetLite0) -> None:
    middle, top = trunk.forward_middle_and_top(torch.rand(2, 3, 128, 128) * 255, 10)
    assert middle.shape == (2, 112, 8, 8)
    assert top.shape == (2, 320, 4, 4)


def test_folding_batch_norm_keeps_the_output(trunk: EfficientNetLite0) -> None:
    folded = EfficientNetLite0()
    folded.load_imagenet()
    folded.eval().fold_batch_norm()
    images = torch.rand(2, 3, 64, 64) * 255
    torch.testing.assert_close(folded(images), trunk(images), atol=1e-3, rtol=1e-3)
    assert not any(isinstance(module, torch.nn.BatchNorm2d) for module in folded.modules())


def gradients(trunk: EfficientNetLite0, images: torch.Tensor) -> dict[str, torch.Tensor]:
    trunk.zero_grad()
    middle, top = trunk.forward_middle_and_top(images, 10)
    (middle.float().square().mean() + top.float().square().mean()).backward()  # type: ignore[no-untyped-call]
    return {
        name: parameter.grad.clone()
        for name, parameter in trunk.named_parameters()
        if parameter.grad is not None
    }


def folded_trunk() -> EfficientNetLite0:
    trunk = EfficientNetLite0()
    trunk.load_imagenet()
    trunk.eval().fold_batch_norm()
    return trunk.train()


def test_frozen_first_blocks_change_no_other_gradient() -> None:
    images = torch.rand(FROZEN_SLICE + 3, 3, 64, 64) * 255
    trunk = folded_trunk()
    whole = gradients(trunk, images)
    trunk.freeze(5)
    rest = gradients(trunk, images)
    frozen = {name for name in whole if name.startswith(("_conv_stem", *(f"_blocks.{n}." for n in range(5))))}
    assert set(rest) == set(whole) - frozen
    for name, gradient in rest.items():
        torch.testing.assert_close(gradient, whole[name], atol=1e-5, rtol=1e-3)


def test_gradients_reach_the_images_through_frozen_first_blocks() -> None:
    trunk = folded_trunk()
    trunk.freeze(5)
    images = (torch.rand(2, 3, 64, 64) * 255).requires_grad_()
    gradients(trunk, images)
    assert images.grad is not None
    assert images.grad.abs().sum() > 0


def test_depthwise_convolutions_train_in_float32_under_bf16() -> None:
    trunk, images = folded_trunk(), torch.rand(4, 3, 64, 64) * 255
    exact = gradients(trunk, images)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        mixed = gradients(trunk, images)
    for name in (name for name in exact if "_depthwise_conv.weight" in name):
        assert mixed[name].dtype == torch.float32
        turned = torch.nn.functional.cosine_similarity(mixed[name].flatten(), exact[name].flatten(), dim=0)
        assert turned > 0.98, name


@pytest.mark.parametrize("size", [64, 128, 160])  # 160: the cells overlap
def test_encoder_shapes_unit_length_and_gradients(size: int) -> None:
    encoder = SketchEncoder(SketchEncoderConfig(image_size_px=size, embedding_dim=32, code_length=16))
    embedding, logits, projection = encoder(torch.rand(3, 3, size, size) * 255, torch.tensor([0, 1, 2]))
    assert projection.shape == (3, 32)
    assert embedding.shape == (3, 32)
    assert logits.shape == (3, 16)
    torch.testing.assert_close(embedding.norm(dim=1), torch.ones(3))
    (embedding.sum() + logits.sum()).backward()
    missing = [name for name, parameter in encoder.named_parameters() if parameter.grad is None]
    assert missing == []


def test_each_domain_is_standardised_by_its_own_statistics() -> None:
    encoder = SketchEncoder(SketchEncoderConfig(image_size_px=64))
    generator = torch.Generator().manual_seed(0)
    domain = torch.arange(len(DOMAINS)).repeat_interleave(200)
    offset, spread = torch.tensor([0.0, 5.0, -3.0])[domain], torch.tensor([1.0, 4.0, 0.5])[domain]
    noise = torch.randn(len(domain), encoder.n_features, generator=generator)
    features = noise * spread[:, None] + offset[:, None]
    encoder.track_statistics(features, domain, momentum=1.0)
    standardised = encoder.standardised(features, domain)
    for index in range(len(DOMAINS)):
        rows = standardised[domain == index]
        torch.testing.assert_close(rows.mean(0), torch.zeros(encoder.n_features), atol=1e-4, rtol=0)
        torch.testing.assert_close(rows.std(0), torch.ones(encoder.n_features), atol=1e-4, rtol=0)


def features(config: SketchEncoderConfig, n: int = 30) -> tuple[torch.Tensor, torch.Tensor]:
    """Return standardised features and their domains."""
    torch.manual_seed(0)
    return torch.randn(n, config.n_grid_features + 320), torch.arange(n) % len(DOMAINS)


def cosines(rows: torch.Tensor) -> torch.Tensor:
    unit = torch.nn.functional.normalize(rows, dim=1)
    return unit @ unit.T


@torch.no_grad()
@pytest.mark.parametrize("weight", [0.0, 0.3, 1.0])
def test_each_part_of_the_embedding_has_its_weight_in_the_cosine(weight: float) -> None:
    config = SketchEncoderConfig(64, 4, 48, 16, layout_dim=32, layout_weight=weight)
    encoder = SketchEncoder(config)
    standardised, domain = features(config)
    embedding, logits, projection = encoder.heads(standardised, domain)
    learned, layout = projection[:, :16], projection[:, 16:]
    torch.testing.assert_close(
        embedding @ embedding.T, (1 - weight) * cosines(learned) + weight * cosines(layout)
    )
    torch.testing.assert_close(embedding.norm(dim=1), torch.ones(len(embedding)))
    torch.testing.assert_close(logits, encoder.hash(embedding))


@torch.no_grad()
def test_without_a_layout_part_the_embedding_is_the_normalised_projection() -> None:
    config = SketchEncoderConfig(64, 4, 48, 16)
    embedding, _, projection = SketchEncoder(config).heads(*features(config))
    torch.testing.assert_close(embedding, torch.nn.functional.normalize(projection, dim=1))


@torch.no_grad()
@pytest.mark.parametrize("layout_dim", [0, 32])
def test_projections_are_centred_on_the_domain_and_embeddings_on_the_catalogue(layout_dim: int) -> None:
    config = SketchEncoderConfig(64, 4, 48, 16, layout_dim=layout_dim)
    encoder = SketchEncoder(config)
    standardised, domain = features(config)
    bare, _, projection = encoder.heads(standardised, domain)
    of_training, of_catalogue = torch.randn(3, 48), torch.randn(3, 48)
    encoder.centres.copy_(of_training)
    _, _, centred = encoder.heads(standardised, domain)
    torch.testing.assert_close(centred, projection - of_training[domain])
    encoder.catalogue_centres.copy_(-of_training)
    embedding, _, unchanged = encoder.heads(standardised, domain)
    torch.testing.assert_close(unchanged, centred)
    torch.testing.assert_close(embedding, bare, atol=1e-5, rtol=1e-4)  # both centres cancel
    encoder.catalogue_centres.copy_(of_catalogue)
    assert not torch.allclose(encoder.heads(standardised, domain)[0], bare, atol=1e-2)
