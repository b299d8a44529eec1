"""Which of a model's two ONNX files runs on this processor: int8 only if it agrees with the model's reference."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol, TypeVar

from ml.errors import ModelError
from ml.serving.manifest import Precision
from ml.serving.reference import REFERENCE

log = logging.getLogger(__name__)


class Agreement(Protocol):
    """Agreement of a network's outputs on this processor with its model's reference."""

    def within(self, precision: str) -> bool:
        """Return whether a network of that precision may serve."""
        ...

    def shortfall(self, precision: str) -> str:
        """Return what was found and what is required, as text."""
        ...


class Verifiable(Protocol):
    """A loaded model. agreement: with its reference; None if the model has none."""

    @property
    def agreement(self) -> Agreement | None: ...


Model = TypeVar("Model", bound=Verifiable)
Compared = TypeVar("Compared", bound=Agreement)


def load_verified(
    folder: Path, precision: Precision, open_model: Callable[[Precision], Model]
) -> tuple[Model, str]:
    """Return the model in `precision` if it may serve on this processor, or else in fp32, and the reason for fp32.

    open_model: opens the file of a precision. Raises ModelError if fp32 differs from the reference as well, and as
    `open_model` does.
    """
    model, why = _verified(precision, open_model)
    if model is not None:
        return model, ""
    if precision == "int8":
        log.warning("%s: using fp32 instead of int8: %s", folder, why)
        model, why_neither = _verified("fp32", open_model)
        if model is not None:
            return model, why
        why = f"{why}; {why_neither}"
    raise ModelError(str(folder), why)


def _verified(precision: Precision, open_model: Callable[[Precision], Model]) -> tuple[Model | None, str]:
    """Return the model of a precision, or None and the reason why it may not serve."""
    model = open_model(precision)
    found = model.agreement
    if found is None:
        if precision == "int8":
            return None, f"the model has no {REFERENCE} to verify int8"
        return model, ""
    if found.within(precision):
        return model, ""
    return None, f"{precision} differs on this processor: {found.shortfall(precision)}"


# By SHA-256 of an ONNX file and of a reference, so that a process compares them only once.
_agreements: dict[tuple[str, str], Any] = {}


def compared_once(onnx_sha256: str, reference_sha256: str, compare: Callable[[], Compared]) -> Compared:
    """Return the agreement of a file with a reference, computed on the first call of this process."""
    key = (onnx_sha256, reference_sha256)
    if key not in _agreements:
        _agreements[key] = compare()
    found: Compared = _agreements[key]
    return found
