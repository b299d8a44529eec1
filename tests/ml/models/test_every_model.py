"""Every architecture of the ranking papers: shapes, finite outputs, and a gradient for every parameter."""

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from ml.models.dssa.config import DssaConfig, HybridConfig
from ml.models.dssa.holef import Holef
from ml.models.dssa.hybrid import Hybrid
from ml.models.dssa.network import Dssa
from ml.models.sketch_a_net import BlockwiseConv, SketchANet, SketchANetConfig, SketchANetMaps

Case = tuple[nn.Module, Callable[[nn.Module], tuple[Tensor, ...]], tuple[tuple[int, ...], ...]]


def ink() -> Tensor:
    return torch.rand(2, 1, 225, 225, generator=torch.Generator().manual_seed(0))


def dssa(**choices: object) -> Case:
    model = Dssa(DssaConfig(**choices))  # type: ignore[arg-type]
    return model, lambda m: (m(ink()),), ((2, model.output_dim),)


def hybrid(coarse_fine: bool) -> Case:
    model = Hybrid(HybridConfig(n_categories=7, hidden_dim=32, coarse_fine=coarse_fine))
    images = torch.rand(2, 3, 227, 227, generator=torch.Generator().manual_seed(0))

    def both(m: nn.Module) -> tuple[Tensor, ...]:
        return *m(images, "sketch"), *m(images, "photo")

    return model, both, ((2, model.output_dim), (2, 7)) * 2


CASES: dict[str, Callable[[], Case]] = {
    "sketch-a-net": lambda: (SketchANet(), lambda m: (m(ink()),), ((2, 256),)),
    "sketch-a-net, no BatchNorm": lambda: (
        SketchANet(SketchANetConfig(64, batch_norm=False)),
        lambda m: (m(ink()),),
        ((2, 64),),
    ),
    "dssa": dssa,
    "dssa, sigmoid": lambda: dssa(mask_norm="sigmoid"),
    "dssa, base": lambda: dssa(coarse_fine=False),
    "dssa, no attention": lambda: dssa(attention=False),
    "holef": lambda: (Holef(8), lambda m: (m(torch.rand(3, 8), torch.rand(4, 8)),), ((3, 4),)),
    "hybrid": lambda: hybrid(True),
    "hybrid, base": lambda: hybrid(False),
}
WITHOUT_GRADIENT = {"hybrid, base": "attention"}  # only CFF pools the maps that attention weights


@pytest.mark.parametrize("name", CASES)
def test_shapes_and_gradients(name: str) -> None:
    torch.manual_seed(0)
    model, forward, shapes = CASES[name]()
    outputs = forward(model)
    assert tuple(tuple(output.shape) for output in outputs) == shapes
    assert all(torch.isfinite(output).all() for output in outputs)
    weights = [torch.randn(output.shape) for output in outputs]
    torch.stack([(w * o.float()).sum() for w, o in zip(weights, outputs, strict=True)]).sum().backward()  # type: ignore[no-untyped-call]
    missing = [
        parameter_name
        for parameter_name, parameter in model.named_parameters()
        if parameter.grad is None and WITHOUT_GRADIENT.get(name, "-") not in parameter_name
    ]
    assert missing == []


@pytest.mark.parametrize("batch_norm", [False, True])
def test_maps_have_the_sizes_of_the_papers_table(batch_norm: bool) -> None:
    sizes, x = [], ink()
    for layer in SketchANetMaps(batch_norm):
        x = layer(x)
        sizes.append(tuple(x.shape[1:]))
    expected = [(64, 71, 71), (64, 35, 35), (128, 31, 31), (128, 15, 15)]
    assert sizes == [*expected, *[(256, 15, 15)] * 3, (256, 7, 7)]


def test_blockwise_convolution_equals_the_convolution() -> None:
    conv = BlockwiseConv(2, 4, 6, 3).double()
    x = torch.rand(2, 2, 21, 21, dtype=torch.float64)
    torch.testing.assert_close(conv(x), nn.functional.conv2d(x, conv.weight, conv.bias, stride=3))


def test_channels_last_changes_nothing() -> None:
    model = SketchANet().eval()
    plain = model(ink())
    model.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    torch.testing.assert_close(model(ink()), plain, atol=1e-5, rtol=1e-4)


@pytest.mark.parametrize("mask_norm", ["softmax", "sigmoid"])
def test_masks_are_normalised_as_configured(mask_norm: str) -> None:
    mask = Dssa(DssaConfig(mask_norm=mask_norm)).mask(ink())  # type: ignore[arg-type]
    assert mask is not None
    assert mask.shape == (2, 7, 7)
    assert mask.min() > 0
    assert mask.max() < 1
    if mask_norm == "softmax":
        torch.testing.assert_close(mask.sum((1, 2)), torch.ones(2))


@pytest.mark.parametrize(
    ("choices", "lengths"),
    [({"coarse_fine": False}, [1.0]), ({}, [1.0, 1.0]), ({"coarse_weight": 0.3}, [1.0, 0.3])],
)
def test_each_half_of_the_embedding_has_its_length(choices: dict[str, Any], lengths: list[float]) -> None:
    embedding = Dssa(DssaConfig(**choices)).eval()(ink())
    hybrid, _ = Hybrid(HybridConfig(n_categories=3, hidden_dim=32, **choices)).eval()(
        torch.rand(2, 3, 227, 227), "photo"
    )
    for whole in (embedding, hybrid):
        halves = whole.unflatten(1, (len(lengths), 256)).norm(dim=2)
        torch.testing.assert_close(halves, torch.tensor([lengths, lengths]))


def test_hybrid_shares_the_layers_after_the_convolutions() -> None:
    model = Hybrid(HybridConfig(n_categories=3, hidden_dim=32))
    names = {
        name.split(".")[1] if name.startswith("branches") else "shared"
        for name, _ in model.named_parameters()
    }
    assert names == {"sketch", "photo", "shared"}
    images = torch.rand(1, 3, 227, 227)
    assert not torch.equal(model(images, "sketch")[0], model(images, "photo")[0])
