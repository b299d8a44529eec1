"""The one door to `ml.api`, which trains and evaluates and therefore needs torch. Opened by workers alone."""

from __future__ import annotations

from importlib import import_module
from types import ModuleType


def training() -> ModuleType:
    """`ml.api`. Raises ModuleNotFoundError naming the package where training is not installed."""
    return import_module("ml.api")
