"""AlexNet without local response normalisation, the image branch of SketchMate.

Source: Krizhevsky, Sutskever, Hinton, NIPS 2012, in one column instead of two halves; Xu et al., *SketchMate*, CVPR 2018,
section 4.1: no local response normalisation, 224 x 224 input.

Divergences: one channel instead of the brightness repeated in three, which is equivalent (their kernels add up);
optional BatchNorm; images below 160 px have a 5x5 stem of stride 2 instead of 11x11 of stride 4, so that 112 px give
maps of the same size as 224.
"""

from dataclasses import dataclass

from torch import Tensor, nn

from ml.errors import ConfigError

MAPS = (96, 256, 384, 384, 256)


@dataclass(frozen=True)
class AlexNetConfig:
    """Sizes of the network; `width` scales the numbers of maps."""

    image_size_px: int = 224
    width: float = 1.0
    fc_dim: int = 4096
    batch_norm: bool = False
    dropout: float = 0.5

    def __post_init__(self) -> None:
        if not 48 <= self.image_size_px <= 512:
            raise ConfigError("image_size_px", f"{self.image_size_px}, must be between 48 and 512")
        if self.width <= 0 or self.fc_dim < 1:
            raise ConfigError("width", f"width {self.width} and fc_dim {self.fc_dim} must be above 0")


class AlexNet(nn.Module):
    """Ink (B, 1, S, S) float in 0..1, 1 where the line is, to features (B, fc_dim) after FC7."""

    def __init__(self, config: AlexNetConfig = AlexNetConfig()) -> None:
        super().__init__()
        self.out_dim = config.fc_dim
        m1, m2, m3, m4, m5 = (max(8, round(config.width * maps)) for maps in MAPS)
        small = config.image_size_px < 160
        stem = nn.Conv2d(1, m1, 5, 2, 2) if small else nn.Conv2d(1, m1, 11, 4, 2)
        self.maps = nn.Sequential(
            *_layer(stem, config.batch_norm),  # (B, 96, 55, 55) of 224, (B, 96, 32, 32) of 64 px
            nn.MaxPool2d(3, 2),  # (B, 96, 27, 27), (B, 96, 15, 15)
            *_layer(nn.Conv2d(m1, m2, 5, padding=2), config.batch_norm),
            nn.MaxPool2d(3, 2),  # (B, 256, 13, 13), (B, 256, 7, 7)
            *_layer(nn.Conv2d(m2, m3, 3, padding=1), config.batch_norm),
            *_layer(nn.Conv2d(m3, m4, 3, padding=1), config.batch_norm),
            *_layer(nn.Conv2d(m4, m5, 3, padding=1), config.batch_norm),
            nn.MaxPool2d(3, 2),  # (B, 256, 6, 6), (B, 256, 3, 3)
        )
        side = (config.image_size_px + 4 - 5) // 2 + 1 if small else (config.image_size_px + 4 - 11) // 4 + 1
        for _ in range(3):
            side = (side - 3) // 2 + 1
        self.fully_connected = nn.Sequential(
            nn.Dropout(config.dropout),
            *_layer(nn.Linear(m5 * side * side, config.fc_dim), config.batch_norm),
            nn.Dropout(config.dropout),
            *_layer(nn.Linear(config.fc_dim, config.fc_dim), config.batch_norm),
        )

    def forward(self, ink: Tensor) -> Tensor:
        features: Tensor = self.fully_connected(self.maps(ink).flatten(1))
        return features


def _layer(linear: nn.Conv2d | nn.Linear, batch_norm: bool) -> list[nn.Module]:
    """Return a convolution or a linear layer with He initialisation, optional BatchNorm, and ReLU."""
    nn.init.kaiming_normal_(linear.weight, nonlinearity="relu")
    assert linear.bias is not None
    nn.init.zeros_(linear.bias)
    if not batch_norm:
        return [linear, nn.ReLU(inplace=True)]
    norm: nn.Module = (
        nn.BatchNorm2d(linear.out_channels)
        if isinstance(linear, nn.Conv2d)
        else nn.BatchNorm1d(linear.out_features)
    )
    return [linear, norm, nn.ReLU(inplace=True)]
