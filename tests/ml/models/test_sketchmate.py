"""SketchMate's branches: AlexNet's map sizes, and sequences that ignore padding."""

from __future__ import annotations

import pytest
import torch

from ml.errors import ConfigError
from ml.models.alexnet import AlexNet, AlexNetConfig
from ml.models.sketchmate.config import ImageBranch, SketchMateConfig
from ml.models.sketchmate.network import SketchInputs, SketchMate
from ml.models.sketchmate.strokes import StrokeGru


@pytest.fixture(autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)


@pytest.mark.parametrize(
    ("image_size_px", "sides"),
    [(224, [55, 27, 27, 13, 13, 13, 13, 6]), (112, [56, 27, 27, 13, 13, 13, 13, 6])],
)
def test_maps_have_alexnets_sizes(image_size_px: int, sides: list[int]) -> None:
    network = AlexNet(AlexNetConfig(image_size_px=image_size_px, width=0.1, fc_dim=16))
    x, found = torch.rand(2, 1, image_size_px, image_size_px), []
    for layer in network.maps:
        x = layer(x)
        if not isinstance(layer, torch.nn.ReLU):
            found.append(x.shape[-1])
    assert found == sides
    assert network(torch.rand(2, 1, image_size_px, image_size_px)).shape == (2, 16)


def test_the_papers_widths_are_those_of_alexnet() -> None:
    convolutions = [layer for layer in AlexNet().maps if isinstance(layer, torch.nn.Conv2d)]
    assert [layer.out_channels for layer in convolutions] == [96, 256, 384, 384, 256]
    with pytest.raises(ConfigError, match="image_size_px"):
        AlexNetConfig(image_size_px=20)


def test_padding_does_not_change_the_last_state() -> None:
    torch.manual_seed(0)
    branch = StrokeGru(8).eval()
    steps, lengths = torch.randn(3, 9, 4), torch.tensor([4, 9, 1])
    together = branch(steps, lengths)
    longer = torch.cat([steps, torch.full((3, 5, 4), 7.0)], dim=1)
    torch.testing.assert_close(branch(longer, lengths), together)
    for row, length in enumerate(lengths.tolist()):
        alone = branch(steps[row : row + 1, :length], None)
        torch.testing.assert_close(alone[0], together[row])


def test_training_in_groups_of_similar_length_gives_the_states_of_packed_sequences() -> None:
    torch.manual_seed(0)
    branch = StrokeGru(8)
    lengths = torch.randint(1, 12, (150,))
    steps = torch.randn(150, 11, 4) * (torch.arange(11) < lengths[:, None])[..., None]
    found = branch(steps, lengths)  # more than two groups
    with torch.no_grad():
        torch.testing.assert_close(branch(steps, lengths), found)
    found.square().sum().backward()
    weights = branch.gru.get_parameter("weight_hh_l0_reverse")
    assert weights.grad is not None
    kept = weights.grad.clone()
    branch.zero_grad()
    alone = [branch(steps[row : row + 1, :length], None) for row, length in enumerate(lengths.tolist())]
    torch.cat(alone).square().sum().backward()  # type: ignore[no-untyped-call]
    torch.testing.assert_close(weights.grad, kept, atol=1e-4, rtol=1e-4)


@pytest.mark.parametrize(("branch", "side"), [("sketch-a-net", 225), ("resnet50", 64)])
def test_other_networks_can_be_the_image_branch(branch: ImageBranch, side: int) -> None:
    sizes = SketchMateConfig(
        32, 5, branches="cnn", head="recognition", image_branch=branch, image_size_px=side, batch_norm=True
    )
    model = SketchMate(sizes).eval()
    ink = torch.randint(0, 256, (1, side, side), dtype=torch.uint8)
    inputs = SketchInputs(ink, torch.zeros(1, 1, 4), torch.tensor([1]))
    assert model.cnn is not None
    assert model.fused(inputs).shape == (1, model.cnn.out_dim)
    assert model(inputs)[1].shape == (1, 5)


def test_class_scores_are_computed_from_the_relaxed_code() -> None:
    torch.manual_seed(0)
    sizes = SketchMateConfig(16, 5, image_size_px=48, width=0.1, fc_dim=12, rnn_hidden=6)
    model = SketchMate(sizes).eval()
    inputs = SketchInputs(
        torch.randint(0, 256, (4, 48, 48), dtype=torch.uint8),
        torch.randn(4, 7, 4),
        torch.tensor([7, 2, 3, 5]),
    )
    logits, scores = model(inputs)
    assert model.fused(inputs).shape == (4, 12 + 2 * 6)
    assert logits.shape == (4, 16)
    assert model.classifier is not None
    torch.testing.assert_close(scores, model.classifier(torch.sigmoid(logits)))
    scores.sum().backward()
    assert all(parameter.grad is not None for parameter in model.parameters())
