"""GDH's networks: generators between sketches and photos, their discriminators, and the hashing network.

Source: "Generative Domain-Migration Hashing for Sketch-to-Image Retrieval", ECCV 2018, section 3.2 and Table 1, with
c = 32 channels and images of side S = 256:

    G_S   conv c, c 3x3; 2c, 4c 4x4/2; 6 ResBlocks 4c; attention mask (1, S/4, S/4); deconv 2c, c 4x4/2; conv 3 3x3
    G_I   the same with 9 ResBlocks, without attention
    D     conv 2c, 4c, 8c 4x4/2; 16c, 4c 3x3; conv 1 3x3: one logit per patch, (1, S/8, S/8)
    H     ResNet-18 whose last layer has K outputs; a bit is an output's sign, sgn(0) = -1

Misprints in Table 1 and how they are resolved: G_I lists conv1 twice, and the second is the convolution that G_S calls
conv2; G_I's Deconv5 of stride 1 and 253 pixels has stride 2, like G_S's, so that the image returns to 256; "Deconv6" of
stride 1 is a convolution; D's last layer has 128 maps instead of one, so a sixth convolution makes the patch map. The
table puts BN after the layers that produce the image, where it would tie an image's brightness to the batch; here a tanh
replaces it. Activations are not specified: ReLU, and LeakyReLU of 0.2 in D.

Images are float (B, 3, S, S) in -1..1, 1 is white.
"""

from __future__ import annotations

import copy
from dataclasses import replace

import torch
from torch import Tensor, nn

from ml.models.gdh.blocks import AttentionMask, ResBlock, conv, deconv, enlarged
from ml.models.gdh.config import GdhConfig
from ml.models.gdh.hashing import HashNet
from ml.models.gdh.mix_up import mixed_up

MASK_STRIDE = 4
INPUT_GAIN = 1.5


class Generator(nn.Module):
    """Images of one domain to images of the other, (B, 3, S, S) to the same, and the mask (B, 1, S, S) or None."""

    def __init__(self, config: GdhConfig, blocks: int, *, attention: bool) -> None:
        super().__init__()
        c, norm = config.channels, config.norm
        self.encoder = nn.Sequential(
            conv(3, c, 3, 1, norm),  # (B, c, S, S)
            conv(c, c, 3, 1, norm),  # (B, c, S, S)
            conv(c, 2 * c, 4, 2, norm),  # (B, 2c, S/2, S/2)
            conv(2 * c, 4 * c, 4, 2, norm),  # (B, 4c, S/4, S/4)
            *(ResBlock(4 * c, norm) for _ in range(blocks)),
        )
        self.attention = (
            AttentionMask(4 * c, config.threshold, straight_through=config.straight_through)
            if attention
            else None
        )
        self.decoder = nn.Sequential(
            deconv(4 * c, 2 * c, norm),  # (B, 2c, S/2, S/2)
            deconv(2 * c, c, norm),  # (B, c, S, S)
            nn.Conv2d(c, 3, 3, 1, 1),  # (B, 3, S, S)
        )
        self.residual = config.residual
        if self.residual:  # starts as the identity, up to contrast
            last = self.decoder[-1]
            assert isinstance(last, nn.Conv2d)
            assert last.bias is not None
            nn.init.zeros_(last.weight)
            nn.init.zeros_(last.bias)

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor | None]:
        features = self.encoder(images)
        mask = None
        if self.attention is not None:
            small = self.attention(features)
            features, mask = features * small.to(features.dtype), enlarged(small, MASK_STRIDE)
        change = self.decoder(features).float()
        return torch.tanh(change + INPUT_GAIN * images if self.residual else change), mask

    def mask(self, images: Tensor) -> Tensor | None:
        """Return the mask (B, 1, S, S) without generating an image; None without attention."""
        if self.attention is None:
            return None
        return enlarged(self.attention(self.encoder(images)), MASK_STRIDE)


class Discriminator(nn.Module):
    """Images (B, 3, S, S) to logits (B, 1, S/8, S/8) that each patch is real."""

    def __init__(self, config: GdhConfig) -> None:
        super().__init__()
        c, norm = config.channels, config.norm
        self.layers = nn.Sequential(
            conv(3, 2 * c, 4, 2, norm, leak=0.2),  # (B, 2c, S/2, S/2)
            conv(2 * c, 4 * c, 4, 2, norm, leak=0.2),  # (B, 4c, S/4, S/4)
            conv(4 * c, 8 * c, 4, 2, norm, leak=0.2),  # (B, 8c, S/8, S/8)
            conv(8 * c, 16 * c, 3, 1, norm, leak=0.2),  # (B, 16c, S/8, S/8)
            conv(16 * c, 4 * c, 3, 1, norm, leak=0.2),  # (B, 4c, S/8, S/8)
            nn.Conv2d(4 * c, 1, 3, 1, 1),  # (B, 1, S/8, S/8)
        )

    def forward(self, images: Tensor) -> Tensor:
        logits: Tensor = self.layers(images).float()
        return logits


class Gdh(nn.Module):
    """The networks used for retrieval: both generators and the hashing network.

    pretrained: start a lite0 hashing network from its ImageNet weights.
    """

    def __init__(self, config: GdhConfig, *, pretrained: bool = False) -> None:
        super().__init__()
        self.config = config
        self.to_photo = Generator(config, config.photo_blocks, attention=False)  # G_I
        self.to_sketch = Generator(config, config.sketch_blocks, attention=config.attention)  # G_S
        self.hashing = HashNet(config.hashing, pretrained=pretrained)

    def masked(self, photos: Tensor, mask: Tensor | None) -> Tensor:
        """Return I * mask, (B, 3, S, S), on a grey or white background (`GdhConfig.background`)."""
        if mask is None:
            return photos
        kept = photos * mask
        return kept if self.config.background == "grey" else kept + (1 - mask)

    def query(self, sketches: Tensor) -> Tensor:
        """Return hash logits (B, K) of sketches (B, 3, S, S): H(G_I(S))."""
        seen = self.to_photo(sketches)[0] if self.config.embedding == "photo" else sketches
        outputs = self.hashing(seen, "sketch")
        return mixed_up(outputs, outputs, self.config.mix_up)

    def gallery(self, photos: Tensor, mask: Tensor | None = None) -> Tensor:
        """Return hash logits (B, K) of photos (B, 3, S, S): H(I * mask). mask: from `mask`, computed by default."""
        if self.config.embedding == "sketch":
            outputs: Tensor = self.hashing(self.to_sketch(photos)[0], "photo")
            return outputs
        if self.config.mix_up == "none":
            mask = self.to_sketch.mask(photos) if mask is None else mask
            outputs = self.hashing(self.masked(photos, mask), "photo")
            return outputs
        migrated, mask = self.to_sketch(photos)
        outputs = self.hashing(self.masked(photos, mask), "photo")
        cycled = self.hashing(self.to_photo(migrated)[0], "sketch")
        return mixed_up(outputs, cycled, self.config.mix_up)

    def shortened(self, code_length: int) -> Gdh:
        """Return the same networks with only the first `code_length` bits."""
        short = copy.copy(self)
        short.config = replace(self.config, hashing=replace(self.config.hashing, code_length=code_length))
        short._modules = {**self._modules, "hashing": self.hashing.shortened(code_length)}
        return short
