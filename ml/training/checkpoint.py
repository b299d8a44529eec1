"""Checkpoints that survive a kill: tensors as safetensors, all else as JSON, written aside, fsynced and renamed.

One file holds everything, so a reader sees either the old state or the new one. Nothing is unpickled.
"""

import errno
import json
import os
from pathlib import Path
from typing import Any

import torch
from safetensors import safe_open
from safetensors.torch import save
from torch import Tensor
from torch.optim import Optimizer

from ml.errors import StorageError

State = dict[str, Any]
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)  # full disk, exceeded quota, too large a file


def write_atomically(path: Path, data: bytes) -> None:
    """Write `data` beside `path`, fsync it, rename it to `path`, and fsync the folder.

    Raises StorageError naming `path` if the disk is full; an existing file is then unchanged.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with aside.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        aside.replace(path)
    except OSError as error:
        if error.errno not in _FULL:
            raise
        why = f"{os.strerror(error.errno)}, {len(data):,} bytes to write; the existing file is unchanged"
        raise StorageError(str(path), why) from error
    finally:
        aside.unlink(missing_ok=True)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def sweep(folder: Path) -> None:
    """Remove temporary files that a kill during `write_atomically` left in a folder."""
    for aside in folder.glob(".*.tmp"):
        aside.unlink(missing_ok=True)


def save_checkpoint(path: Path, state: State) -> None:
    """Save a tree of dicts, lists, tensors and JSON values, such as module and optimiser state dicts."""
    tensors: dict[str, Tensor] = {}
    tree = _split(state, tensors)
    write_atomically(path, save(tensors, metadata={"tree": json.dumps(tree)}))


def load_checkpoint(path: Path) -> State:
    """Load the tree that `save_checkpoint` wrote, with tensors on the CPU."""
    with safe_open(path, framework="pt") as file:
        tree = json.loads(file.metadata()["tree"])
        loaded: State = _joined(tree, file)
    return loaded


def restore_optimizer(optimizer: Optimizer, state: State) -> None:
    """Load an optimiser's state, with each tensor in its parameter's memory layout.

    A checkpoint holds tensors in contiguous layout, but the fused kernels process a channels-last parameter and its state
    in memory order, and would pair the wrong values.
    """
    optimizer.load_state_dict(state)
    for parameter, values in optimizer.state.items():
        for name, value in values.items():
            if isinstance(value, Tensor) and value.shape == parameter.shape:
                values[name] = torch.empty_like(parameter, dtype=value.dtype).copy_(value)


def _split(value: Any, tensors: dict[str, Tensor]) -> Any:
    if isinstance(value, Tensor):
        name = f"t{len(tensors)}"
        tensors[name] = value.detach().cpu().contiguous().clone()
        return {"tensor": name}
    if isinstance(value, dict):  # keys keep their type: optimisers use numbers
        return {"items": [[key, _split(item, tensors)] for key, item in value.items()]}
    if isinstance(value, list | tuple):
        return {"list": [_split(item, tensors) for item in value]}
    return {"value": value}


def _joined(tree: Any, file: Any) -> Any:
    if "tensor" in tree:
        return file.get_tensor(tree["tensor"])
    if "items" in tree:
        return {key: _joined(item, file) for key, item in tree["items"]}
    if "list" in tree:
        return [_joined(item, file) for item in tree["list"]]
    return tree["value"]
