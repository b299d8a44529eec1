"""ONNX files of a model folder on onnxruntime: unaltered, and with one thread per run unless told otherwise."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import onnxruntime

from ml.errors import ModelError
from ml.retrieval.files import sha256_of


def intact(folder: Path, files: Mapping[str, str], name: str) -> Path:
    """Return the path of a file of a model folder. files: name -> SHA-256, from the manifest.

    Raises ModelError if the file is not listed, missing or altered.
    """
    path = folder / name
    if name not in files:
        raise ModelError(str(path), "not a file of the model")
    if not path.is_file():
        raise ModelError(str(path), "missing")
    if sha256_of(path) != files[name]:
        raise ModelError(str(path), "altered: its SHA-256 differs from the manifest's")
    return path


def open_session(path: Path, threads: int = 1) -> onnxruntime.InferenceSession:
    """Open an ONNX file. threads: onnxruntime's threads per run. Raises ModelError if it cannot be loaded."""
    options: Any = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    try:
        return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime raises different types for a broken file
        raise ModelError(str(path), f"not a loadable ONNX file: {error}") from error
