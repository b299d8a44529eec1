"""The processor is described from /proc/cpuinfo, with the relevant instruction sets only."""

import json

from ml.hardware import Processor, described, processor

HASWELL = """\
processor\t: 0
model name\t: Intel(R) Xeon(R) CPU E5-2680 v3 @ 2.50GHz
flags\t\t: fpu sse4_2 avx f16c fma avx2 bmi2

processor\t: 1
model name\t: Intel(R) Xeon(R) CPU E5-2680 v3 @ 2.50GHz
flags\t\t: fpu sse4_2 avx f16c fma avx2 bmi2
"""
GENOA = "model name\t: AMD EPYC 9654\nflags\t\t: avx avx2 avx512f avx512dq avx512_vnni avx512_bf16\n"
GRAVITON3 = "processor\t: 0\nFeatures\t: fp asimd asimddp sve i8mm bf16\nCPU implementer\t: 0x41\n"


def test_x86_and_arm_list_their_instruction_sets() -> None:
    old = described(HASWELL, architecture="x86_64", cores=2)
    assert old == Processor("Intel(R) Xeon(R) CPU E5-2680 v3 @ 2.50GHz", "x86_64", 2, ("avx2",))
    new = described(GENOA, architecture="x86_64", cores=96)
    assert new.features == ("avx2", "avx512f", "avx512_vnni", "avx512_bf16")
    assert str(new) == "AMD EPYC 9654, 96 cores (avx2 avx512f avx512_vnni avx512_bf16)"
    assert described(GRAVITON3, architecture="aarch64", cores=4).features == ("asimddp", "i8mm", "bf16")


def test_without_linux_the_processor_still_has_a_name() -> None:
    other = described("", architecture="arm64", cores=8)
    assert other.name
    assert other.features == ()
    assert "arm64" in str(other)


def test_this_processor_can_be_stored_as_json() -> None:
    facts = json.loads(json.dumps(processor().as_json()))
    assert facts == processor().as_json()
    assert facts["name"]
    assert facts["cores"] >= 1
