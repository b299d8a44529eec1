"""`auto` selects bf16 where the processor has bf16 instructions and torch is faster with them, else fp32."""

import os
import platform
import subprocess
import sys
from collections.abc import Iterator
from types import ModuleType

import pytest
import torch
from torch import nn

from ml.hardware import Processor
from ml.training import precision
from ml.training.config import Precision
from ml.training.device import autocast
from ml.training.precision import chosen

CPU = torch.device("cpu")


@pytest.fixture(autouse=True)
def _undecided() -> Iterator[None]:
    precision._decided.cache_clear()
    yield
    precision._decided.cache_clear()


def on(patch: pytest.MonkeyPatch, *features: str, ratio: float | None = None) -> None:
    """Simulates a processor with these instructions, on which a bf16 step takes `ratio` times as long as fp32."""
    patch.setattr(precision, "processor", lambda: Processor("a processor", "x86_64", 2, features))

    def measured() -> float:
        assert ratio is not None, "nothing is to be measured where there are no instructions"
        return ratio

    patch.setattr(precision, "bf16_time_ratio", measured)


@pytest.mark.parametrize("features", [(), ("avx2",), ("avx2", "avx512f", "avx512_vnni"), ("asimddp",)])
def test_a_processor_without_bf16_trains_in_fp32(
    features: tuple[str, ...], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    on(monkeypatch, *features)
    assert chosen("auto", CPU).precision == "fp32"
    with autocast(CPU, "auto"):
        assert nn.Conv2d(3, 4, 3)(torch.rand(1, 3, 8, 8)).dtype == torch.float32
    message = "precision=auto: using fp32, because a processor has no bf16 instructions\n"
    assert capsys.readouterr().err == message  # once


@pytest.mark.parametrize("feature", ["avx512_bf16", "amx_bf16", "bf16"])
def test_a_processor_with_bf16_trains_in_it_where_that_is_faster(
    feature: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    on(monkeypatch, "avx2", feature, ratio=0.6)
    assert chosen("auto", CPU) == precision.Chosen("bf16", "a bf16 step takes 0.60 times as long as fp32")
    precision._decided.cache_clear()
    on(monkeypatch, "avx2", feature, ratio=6.0)
    assert chosen("auto", CPU).precision == "fp32"


@pytest.mark.parametrize("asked", ["bf16", "fp32"])
def test_an_explicit_precision_is_used_on_every_processor(
    asked: Precision, monkeypatch: pytest.MonkeyPatch
) -> None:
    on(monkeypatch, "avx2")
    assert chosen(asked, CPU).precision == asked


def test_measuring_keeps_the_random_state_and_the_thread_count() -> None:
    torch.manual_seed(0)
    expected, threads = torch.rand(3), torch.get_num_threads()
    torch.manual_seed(0)
    with torch.inference_mode():
        assert precision.bf16_time_ratio() > 0
    assert torch.equal(torch.rand(3), expected)
    assert torch.get_num_threads() == threads


@pytest.mark.skipif(platform.machine() not in ("x86_64", "AMD64"), reason="a limit of x86 kernels")
def test_kernels_limited_to_avx2_train_in_fp32(runs: ModuleType) -> None:
    """Independent of the processor: ONEDNN_MAX_CPU_ISA limits the instructions oneDNN may use."""
    code = "from ml.training import device as d; print(d.chosen('auto', d.pick_device()).precision)"
    limits = {"ONEDNN_MAX_CPU_ISA": "AVX2", "CUDA_VISIBLE_DEVICES": ""}
    environment = os.environ | runs.IMPORTABLE | limits
    found = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True)
    assert found.stdout == "fp32\n", found.stderr
