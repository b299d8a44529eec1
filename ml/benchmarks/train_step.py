"""`bench train-step`: one triplet step of Sketch-a-Net, tuned as in training and plain, and the loader's share.

Both start from the same weights and see the same batches, alternately. Plain: fp32, NCHW, every convolution as in the
paper, SGD. Tuned: autocast to bf16 where that is faster, channels-last, the first convolution on blocks of pixels, fused
SGD.
"""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from statistics import median
from time import perf_counter, process_time
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from ml.benchmarks.doodles import doodle
from ml.benchmarks.timing import repeated_ms
from ml.losses.triplet import triplet_loss
from ml.models.sketch_a_net import INPUT_PX, BlockwiseConv, SketchANet
from ml.sketch.raster import RasterSpec, rasterise
from ml.systems.fine_grained.augment import posed
from ml.training.device import autocast, describe_machine, placed
from ml.training.optimisers import build_optimizer
from ml.training.precision import chosen
from ml.training.prefetch import Prefetched
from ml.training.seeding import step_generator

N_IMAGES, RATE, MOMENTUM, DECAY, MARGIN = 64, 1e-3, 0.9, 5e-4, 0.3
Ink = NDArray[np.uint8]


def run(*, n_triplets: int = 32, n_steps: int = 8) -> dict[str, Any]:
    """Return medians over the steps after the first.

    ratio: plain / tuned in wall-clock time; processor_ratio: in processor time, which other programs affect less.
    loss_difference: the largest between the two. loading_share: the share of training time spent waiting for batches,
    which a thread prepares from framed images.
    """
    torch.manual_seed(0)
    device = torch.device("cpu")
    plain_net = SketchANet()
    tuned_net = placed(deepcopy(plain_net), device)
    _unblock(plain_net)
    plain_sgd = torch.optim.SGD(plain_net.parameters(), RATE, MOMENTUM, weight_decay=DECAY)
    tuned_sgd = build_optimizer(
        "sgd", [(tuned_net.parameters(), RATE)], momentum=MOMENTUM, weight_decay=DECAY
    )
    frames = [rasterise(doodle(seed), RasterSpec(size=256)) for seed in range(N_IMAGES)]

    def make(index: int) -> Ink:
        return make_batch(frames, n_triplets, index)

    plain, tuned = [], []
    for index in range(n_steps):
        batch = make(index)
        plain.append(_measured(lambda: _step(plain_net, plain_sgd, batch, tuned=False)))  # noqa: B023
        tuned.append(_measured(lambda: _step(tuned_net, tuned_sgd, batch, tuned=True)))  # noqa: B023
    with Prefetched(make) as batches:
        batches(0)
        waited_s, started = batches.waited_s, perf_counter()
        for index in range(1, n_steps):
            _step(tuned_net, tuned_sgd, batches(index), tuned=True)
        loading_share = (batches.waited_s - waited_s) / (perf_counter() - started)
    loading_ms = median(repeated_ms(lambda: make(0), n=5, warm_up=1))
    pairs = list(zip(plain[1:], tuned[1:], strict=True))
    tuned_ms = 1e3 * median(wall for _, wall, _ in tuned[1:])
    return {
        "machine": describe_machine(),
        "tuned_precision": chosen("auto", device).precision,
        "images_per_step": 3 * n_triplets,
        "plain_ms": round(1e3 * median(wall for _, wall, _ in plain[1:]), 1),
        "tuned_ms": round(tuned_ms, 1),
        "ratio": round(median(slow[1] / fast[1] for slow, fast in pairs), 2),
        "processor_ratio": round(median(slow[2] / fast[2] for slow, fast in pairs), 2),
        "tuned_images_per_s": round(3e3 * n_triplets / tuned_ms, 1),
        "loss_difference": round(max(abs(a[0] - b[0]) for a, b in zip(plain, tuned, strict=True)), 4),
        "loading_share": round(loading_share, 4),
        "loading_unprefetched_share": round(loading_ms / (loading_ms + tuned_ms), 4),
    }


def make_batch(frames: list[Ink], n_triplets: int, index: int) -> Ink:
    """Return a step's sketches, positives and negatives, uint8 (3 T, 225, 225), augmented as in `triplet-san`."""
    rng = step_generator(0, index)
    triplets = np.stack([rng.choice(len(frames), 3, replace=False) for _ in range(n_triplets)])
    flips = rng.random(n_triplets) < 0.5  # all members of a triplet alike
    return np.stack(
        [
            posed(frames[row], rng, INPUT_PX, flip=bool(flip), strength=1.0)
            for column in triplets.T
            for row, flip in zip(column, flips, strict=True)
        ]
    )


def _step(net: SketchANet, optimizer: torch.optim.Optimizer, batch: Ink, *, tuned: bool) -> float:
    ink = 1 - torch.from_numpy(batch)[:, None].float() / 255  # (3 T, 1, 225, 225)
    device = ink.device
    with autocast(device, "auto" if tuned else "fp32"):
        embeddings = net(placed(ink, device, channels_last=tuned))
    sketch, positive, negative = embeddings.chunk(3)
    near, far = ((sketch - other).square().sum(1) for other in (positive, negative))
    loss = triplet_loss(near, far, margin=MARGIN)
    optimizer.zero_grad(set_to_none=True)
    loss.backward()  # type: ignore[no-untyped-call]
    optimizer.step()
    return loss.item()


def _unblock(module: nn.Module) -> None:
    """Replace blockwise convolutions by plain ones with the same weights, as in the paper."""
    for name, child in module.named_children():
        if isinstance(child, BlockwiseConv):
            conv = nn.Conv2d(1, child.out_channels, 15, stride=3, bias=child.bias is not None)
            conv.load_state_dict(child.state_dict())
            setattr(module, name, conv)
        else:
            _unblock(child)


def _measured(step: Callable[[], float]) -> tuple[float, float, float]:
    """Return a step's loss, its wall-clock seconds, and the processor seconds of all threads."""
    wall, processor = perf_counter(), process_time()
    loss = step()
    return loss, perf_counter() - wall, process_time() - processor
