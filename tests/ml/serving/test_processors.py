"""The shipped networks on an emulated processor without 8-bit dot products give the same numbers as here.

QEMU emulates a Haswell (AVX2; no AVX-512, no VNNI), so that onnxruntime uses its saturating kernels on any machine.
"""

from __future__ import annotations

import json
import os
import platform
import shutil
import subprocess
import sys
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from numpy.typing import NDArray
from onnx import numpy_helper

from ml.serving.encoder import Encoder
from ml.serving.recogniser import Recogniser
from ml.serving.recogniser_files import RecogniserReference, probabilities
from ml.serving.reference import REFERENCE, Reference
from ml.training.quantise import quantised_convolutions

ROOT = Path(__file__).parents[3]
SHIPPED = ROOT / "ml" / "zoo" / "sketchfind"
RECOGNISER = ROOT / "ml" / "zoo" / "recogniser"
# Loads the folder argv[1] as a server does, prints the precision in use, and saves embeddings of the reference images:
# those that loading computes to verify them, because every image takes the emulator up to 20 s.
PROGRAM = """
import json, sys
import numpy as np
from pathlib import Path
from ml.serving.encoder import Encoder
from ml.serving.reference import REFERENCE, Reference
folder = Path(sys.argv[1])
run, rows = Encoder._run, []
def recorded(self, images, domains):
    outputs = run(self, images, domains)
    rows.append((self.precision, len(images), domains, outputs[0]))
    return outputs
Encoder._run = recorded
encoder = Encoder.load(folder)
domains = Reference.read(folder / REFERENCE).domains.tolist()
verified = rows[-len(domains):]
assert [row[:3] for row in verified] == [(encoder.precision, 1, [domain]) for domain in domains]
np.save(sys.argv[2], np.concatenate([row[3] for row in verified]))
print(json.dumps({"precision": encoder.precision, "fallback": encoder.fallback}))
"""
# The same for a recogniser: its logits of the reference images.
RECOGNISING = """
import json, sys
import numpy as np
from pathlib import Path
from ml.serving.recogniser import Recogniser
from ml.serving.recogniser_files import RecogniserReference
from ml.serving.reference import REFERENCE
folder = Path(sys.argv[1])
run, rows = Recogniser.logits, []
def recorded(self, images):
    logits = run(self, images)
    rows.append((self.precision, np.stack(images), logits))
    return logits
Recogniser.logits = recorded
recogniser = Recogniser.load(folder)
images = RecogniserReference.read(folder / REFERENCE).images
verified = rows[-len(images):]
assert {row[0] for row in verified} == {recogniser.precision}
assert np.array_equal(np.concatenate([row[1] for row in verified]), images)
np.save(sys.argv[2], np.concatenate([row[2] for row in verified]))
print(json.dumps({"precision": recogniser.precision, "fallback": recogniser.fallback}))
"""

pytestmark = pytest.mark.skipif(
    platform.machine() != "x86_64", reason="the emulator runs this machine's own Python, built for x86-64"
)


def small(folder: Path, int8: bytes, *, per_domain: int) -> Path:
    """The shipped model with this int8 file and few reference inputs, because emulation is slow."""
    whole = Reference.read(SHIPPED / REFERENCE)
    rows = np.concatenate([np.flatnonzero(whole.domains == domain)[:per_domain] for domain in range(3)])
    kept = Reference(whole.images[rows], whole.domains[rows], whole.embeddings[rows], whole.hash_codes[rows])
    files = {
        "encoder.fp32.onnx": (SHIPPED / "encoder.fp32.onnx").read_bytes(),
        "encoder.int8.onnx": int8,
        REFERENCE: kept.content(),
    }
    return written(folder, SHIPPED, files)


def small_recogniser(folder: Path, int8: bytes, *, n: int) -> Path:
    """The shipped recogniser with this int8 file and few reference images."""
    whole = RecogniserReference.read(RECOGNISER / REFERENCE)
    files = {
        "recogniser.fp32.onnx": (RECOGNISER / "recogniser.fp32.onnx").read_bytes(),
        "recogniser.int8.onnx": int8,
        REFERENCE: RecogniserReference(whole.images[:n], whole.logits[:n]).content(),
    }
    return written(folder, RECOGNISER, files)


def written(folder: Path, shipped: Path, files: dict[str, bytes]) -> Path:
    """A folder with the manifest of a shipped model and these files."""
    folder.mkdir()
    for name, content in files.items():
        (folder / name).write_bytes(content)
    manifest = json.loads((shipped / "model.json").read_text())
    manifest |= {"precision": "int8", "files": {name: sha256(c).hexdigest() for name, c in files.items()}}
    (folder / "model.json").write_text(json.dumps(manifest))
    return folder


def full_range(path: Path) -> bytes:
    """An int8 file as written by onnxruntime's own quantisation: the largest weight of each channel is 127."""
    model = onnx.load(path)
    places = {initialiser.name: initialiser for initialiser in model.graph.initializer}

    def take(name: str) -> NDArray[Any]:
        return np.asarray(numpy_helper.to_array(places[name]), np.float64)

    def put(name: str, value: NDArray[Any]) -> None:
        places[name].CopyFrom(numpy_helper.from_array(value, name))

    for each in quantised_convolutions(model):
        weight, scale, bias = take(each.weight), take(each.weight_scale), take(each.bias)
        largest = np.maximum(np.abs(weight).reshape(len(weight), -1).max(axis=1), 1)
        grown = 127 / largest
        put(each.weight, np.round(weight * grown[:, None, None, None]).astype(np.int8))
        put(each.weight_scale, (scale / grown).astype(np.float32))
        put(each.bias, np.clip(np.round(bias * grown), -(2**31), 2**31 - 1).astype(np.int32))
        put(each.bias_scale, (take(each.bias_scale) / grown).astype(np.float32))
    return bytes(model.SerializeToString())


def on_haswell(folder: Path, out: Path, program: str = PROGRAM) -> tuple[dict[str, str], NDArray[np.float32]]:
    qemu = shutil.which("qemu-x86_64")
    assert qemu is not None, "qemu-user is missing: apt-get install qemu-user"
    program = f"import sys; sys.path[:0] = {sys.path!r}\n{program}"
    ran = subprocess.run(
        [qemu, "-cpu", "Haswell-v4", os.path.realpath(sys.executable), "-c", program, str(folder), str(out)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert ran.returncode == 0, ran.stderr[-2000:]
    facts: dict[str, str] = json.loads(ran.stdout.splitlines()[-1])
    return facts, np.load(out)


def embeddings_here(folder: Path) -> NDArray[np.float32]:
    encoder = Encoder.load(folder, precision="int8")
    reference = Reference.read(folder / REFERENCE)
    pairs = zip(reference.images, reference.domains.tolist(), strict=True)
    return np.concatenate([encoder._run([image], [domain])[0] for image, domain in pairs])


@pytest.mark.slow
def test_the_shipped_int8_file_gives_the_same_numbers_without_vnni(tmp_path: Path) -> None:
    folder = small(tmp_path / "model", (SHIPPED / "encoder.int8.onnx").read_bytes(), per_domain=2)
    facts, there = on_haswell(folder, tmp_path / "there.npy")
    assert facts == {"precision": "int8", "fallback": ""}
    assert (there * embeddings_here(folder)).sum(axis=1).min() > 0.9999
    claimed = json.loads((SHIPPED / "model.json").read_text())["int8"]["mean_cosine"]
    cosines = (there * Reference.read(folder / REFERENCE).embeddings).sum(axis=1)
    assert cosines.mean() == pytest.approx(np.mean(list(claimed.values())), abs=0.005)


@pytest.mark.slow
def test_an_int8_file_of_full_range_is_detected_and_fp32_is_used(tmp_path: Path) -> None:
    folder = small(tmp_path / "model", full_range(SHIPPED / "encoder.int8.onnx"), per_domain=1)
    facts, there = on_haswell(folder, tmp_path / "there.npy")
    assert facts["precision"] == "fp32"
    assert "int8 differs on this processor" in facts["fallback"]
    assert (there * Reference.read(folder / REFERENCE).embeddings).sum(axis=1).min() > 0.9999


@pytest.mark.slow
def test_the_shipped_recogniser_in_int8_gives_the_same_numbers_without_vnni(tmp_path: Path) -> None:
    int8 = (RECOGNISER / "recogniser.int8.onnx").read_bytes()
    folder = small_recogniser(tmp_path / "model", int8, n=8)
    facts, there = on_haswell(folder, tmp_path / "there.npy", RECOGNISING)
    assert facts == {"precision": "int8", "fallback": ""}
    images = RecogniserReference.read(folder / REFERENCE).images
    here = Recogniser.load(folder, precision="int8")
    logits = np.concatenate([here.logits([image]) for image in images])
    assert np.minimum(probabilities(there), probabilities(logits)).sum(axis=1).min() > 0.99


@pytest.mark.slow
def test_a_recogniser_of_full_range_is_detected_and_fp32_is_used(tmp_path: Path) -> None:
    int8 = full_range(RECOGNISER / "recogniser.int8.onnx")
    folder = small_recogniser(tmp_path / "model", int8, n=8)
    facts, there = on_haswell(folder, tmp_path / "there.npy", RECOGNISING)
    assert facts["precision"] == "fp32"
    assert "int8 differs on this processor: shared probability" in facts["fallback"]
    assert np.allclose(there, RecogniserReference.read(folder / REFERENCE).logits, atol=0.01)
