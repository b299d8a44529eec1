"""The authors' weights in our modules: random weights in their layouts compute the same as their network."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from safetensors.numpy import save_file
from torch import Tensor
from torch.nn import functional

from ml.errors import ConfigError, ModelError
from ml.models.deep_sbir import MEAN, read_layers
from ml.models.dssa.config import DssaConfig
from ml.systems.fine_grained.authors import import_weights
from ml.systems.fine_grained.dssa.training import load as load_dssa
from ml.systems.fine_grained.dssa.training import warm_state
from ml.systems.fine_grained.triplet_san.training import load as load_san

Layers = dict[str, NDArray[np.float32]]
SHAPES = {
    "conv1_s1": (15, 15, 1, 64),
    "conv2_s1": (5, 5, 64, 128),
    "conv3_s1": (3, 3, 128, 256),
    "conv4_s1": (3, 3, 256, 256),
    "conv5_s1": (3, 3, 256, 256),
    "fc6_s1": (7 * 7 * 256, 512),
    "fc7_sketch": (512, 256),
    "conv1": (1, 1, 256, 256),
    "conv2": (1, 1, 256, 1),
}


@pytest.fixture(scope="module")
def layers() -> Layers:
    """Random weights in the layout of the TensorFlow code."""
    rng = np.random.default_rng(0)
    made: Layers = {}
    for name, shape in SHAPES.items():
        scale = 1 / np.sqrt(np.prod(shape[:-1]))
        made[f"{name}/weights"] = rng.normal(0, scale, shape).astype(np.float32)
        made[f"{name}/biases"] = rng.normal(0, 0.5, shape[-1]).astype(np.float32)
    return made


@pytest.fixture(scope="module")
def pictures() -> NDArray[np.uint8]:
    """Three pictures (3, 225, 225) of dark lines on white."""
    drawn = np.full((3, 225, 225), 255, np.uint8)
    for number, picture in enumerate(drawn):
        picture[40 + 20 * number, 30:200] = 0
        picture[50:210, 60 + 30 * number : 63 + 30 * number] = 90
    return drawn


def theirs(layers: Layers, pictures: NDArray[np.uint8], *, attention: bool) -> Tensor:
    """Compute the released network as its TensorFlow code does: channels last, FC6 over rows, columns, channels."""
    torch.set_num_threads(1)

    def conv(x: Tensor, name: str, **options: Any) -> Tensor:
        kernel = torch.from_numpy(layers[f"{name}/weights"]).permute(3, 2, 0, 1)
        y = functional.conv2d(
            x.permute(0, 3, 1, 2), kernel, torch.from_numpy(layers[f"{name}/biases"]), **options
        )
        return y.permute(0, 2, 3, 1)

    def pool(x: Tensor) -> Tensor:
        return functional.max_pool2d(x.permute(0, 3, 1, 2), 3, 2).permute(0, 2, 3, 1)

    def dense(x: Tensor, name: str) -> Tensor:
        return x @ torch.from_numpy(layers[f"{name}/weights"]) + torch.from_numpy(layers[f"{name}/biases"])

    x = torch.from_numpy(pictures)[..., None].float() - MEAN
    x = pool(functional.relu(conv(x, "conv1_s1", stride=3)))
    x = pool(functional.relu(conv(x, "conv2_s1")))
    for name in ("conv3_s1", "conv4_s1", "conv5_s1"):
        x = functional.relu(conv(x, name, padding=1))
    x = pool(x)
    pooled = None
    if attention:
        score = conv(functional.relu(conv(x, "conv1")), "conv2")
        mask = torch.softmax(score.reshape(len(x), -1), dim=1).reshape(score.shape)
        x = x + x * mask
        pooled = functional.normalize(x.sum((1, 2)), dim=1)
    fine = functional.normalize(
        dense(functional.relu(dense(x.reshape(len(x), -1), "fc6_s1")), "fc7_sketch"), dim=1
    )
    return fine if pooled is None else torch.cat([fine, pooled], dim=1)


def caffe(layers: Layers) -> Layers:
    """Return the same weights in Caffe's order, without attention."""
    made: Layers = {}
    for name in ("conv1_s1", "conv2_s1", "conv3_s1", "conv4_s1", "conv5_s1"):
        made[f"{name}/weights"] = layers[f"{name}/weights"].transpose(3, 2, 0, 1)
    fc6 = layers["fc6_s1/weights"].reshape(7, 7, 256, 512).transpose(3, 2, 0, 1)
    made["fc6_s1/weights"] = fc6.reshape(512, -1)
    made["fc7_sketch/weights"] = layers["fc7_sketch/weights"].T
    return made | {name: value for name, value in layers.items() if name.endswith("biases")}


def test_the_released_triplet_net_embeds_as_theirs(
    layers: Layers, pictures: NDArray[np.uint8], tmp_path: Path
) -> None:
    expected = theirs(layers, pictures, attention=False)
    np.savez(tmp_path / "caffe.npz", **caffe(layers))  # type: ignore[arg-type]
    written: Any = {f"{name}:0": value for name, value in layers.items()} | {"Variable:0": np.zeros(1)}
    np.save(tmp_path / "tensorflow.npy", written, allow_pickle=True)
    for weights in ("caffe.npz", "tensorflow.npy"):
        out = tmp_path / weights.partition(".")[0]
        import_weights(tmp_path / weights, system="triplet-san", out=out, command="")
        model = load_san(out).model.eval()
        with torch.inference_mode():
            ours = model.embed(torch.from_numpy(pictures), "sketch")
        torch.testing.assert_close(ours, expected, atol=2e-4, rtol=0)


def test_the_released_dssa_embeds_as_theirs(
    layers: Layers, pictures: NDArray[np.uint8], tmp_path: Path
) -> None:
    save_file(layers, tmp_path / "dssa.safetensors")
    import_weights(tmp_path / "dssa.safetensors", system="dssa", out=tmp_path / "out", command="")
    model = load_dssa(tmp_path / "out").model.eval()
    with torch.inference_mode():
        ours = model.embed(torch.from_numpy(pictures), "photo")
    torch.testing.assert_close(ours, theirs(layers, pictures, attention=True), atol=2e-4, rtol=0)
    with pytest.raises(ConfigError, match="holds a model"):
        import_weights(tmp_path / "dssa.safetensors", system="dssa", out=tmp_path / "out", command="")


def test_dssa_can_start_from_the_released_triplet_net(layers: Layers, tmp_path: Path) -> None:
    save_file(layers, tmp_path / "san.safetensors")
    import_weights(tmp_path / "san.safetensors", system="triplet-san", out=tmp_path / "san", command="")
    from ml.systems.fine_grained.dssa.config import DssaSettings
    from ml.systems.fine_grained.dssa.models import DssaModel

    settings = DssaSettings(batch_norm=False, domain_norm=False)
    model = DssaModel(DssaConfig(batch_norm=False), settings)
    state = warm_state(model, tmp_path / "san", "2-final")
    assert state["branch.head.fc7.bias"].tolist() == layers["fc7_sketch/biases"].tolist()


def test_every_form_of_their_dictionaries_is_read(layers: Layers, tmp_path: Path) -> None:
    names = sorted({name.partition("/")[0] for name in layers})
    nested: Any = {name: {part: layers[f"{name}/{part}"] for part in ("weights", "biases")} for name in names}
    pairs: Any = {name: [layers[f"{name}/weights"], layers[f"{name}/biases"]] for name in names}
    for form in (nested, pairs):
        np.save(tmp_path / "form.npy", form, allow_pickle=True)
        found = read_layers(tmp_path / "form.npy")
        assert found.keys() == layers.keys()
        assert all((found[name] == layers[name]).all() for name in layers)


def test_a_wrong_file_names_what_is_wrong(layers: Layers, tmp_path: Path) -> None:
    def refused(changed: Layers) -> str:
        save_file(changed, tmp_path / "odd.safetensors")
        with pytest.raises(ModelError) as raised:
            import_weights(tmp_path / "odd.safetensors", system="dssa", out=tmp_path / "out", command="")
        assert raised.value.field == "--weights"
        return raised.value.message

    assert refused({name: value for name, value in layers.items() if name != "conv2/biases"}).startswith(
        "conv2/biases is missing; found conv1/biases, "
    )
    wider = layers | {"fc7_sketch/weights": np.zeros((512, 300), np.float32)}
    assert refused(wider).startswith(
        "fc7_sketch/weights has shape (512, 300), expected (256, 512) or (512, 256)"
    )
    short = layers | {"conv1_s1/biases": np.zeros(63, np.float32)}
    assert refused(short) == "conv1_s1/biases has shape (63,), expected (64,)"
    with pytest.raises(ModelError, match="cannot be read"):
        read_layers(tmp_path / "gone.npz")
    np.save(tmp_path / "plain.npy", np.zeros(3))
    with pytest.raises(ModelError, match="it holds no dictionary of layers"):
        read_layers(tmp_path / "plain.npy")


class Hostile:
    def __reduce__(self) -> Any:
        return eval, ("1 + 1",)


def test_a_pickle_that_runs_code_is_refused(tmp_path: Path) -> None:
    np.save(tmp_path / "hostile.npy", {"conv1": Hostile()}, allow_pickle=True)  # type: ignore[arg-type]
    assert pickle.loads(pickle.dumps(Hostile())) == 2  # it would run
    with pytest.raises(ModelError, match="not a pickle of arrays of numbers"):
        read_layers(tmp_path / "hostile.npy")
