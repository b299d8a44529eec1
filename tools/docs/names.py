"""Everything that the generators take from the code, as `module:attribute`; edit it here when code moves."""

from __future__ import annotations

import importlib
from typing import Any

CLI_PARSER = "ml.cli:_parser"
CONFIG = "webapp.config.environment:Config"
CONFIG_ALIASES = "webapp.config.environment:ALIASES"
CONFIG_PREFIX = "webapp.config.environment:PREFIX"
OTHER_VARIABLES = "webapp.config.hints:OTHERS"
READ_RESULTS = "ml.reports.results:read_results"
SHOWN_NAME = "ml.reports.names:shown_name"
OUR_COMMANDS = ("annotation", "tools", "webapp")  # applications whose management commands are listed

# Title of the page -> packages whose modules it documents.
PYTHON_API = {
    "Sketches": ("ml.sketch", "ml.sketch.formats", "ml.sketch.formats.svg"),
    "Images": ("ml.images",),
    "Datasets": ("ml.datasets", "ml.datasets.qmul_v2", "ml.datasets.sketchy", "ml.datasets.tu_berlin"),
    "Models": ("ml.models",),
    "Losses": ("ml.losses",),
    "Training": ("ml.training",),
    "Metrics and evaluation": ("ml.metrics", "ml.protocols", "ml.reports", "ml.reproduce"),
    "Retrieval": ("ml.retrieval",),
    "Vocabulary": ("ml.vocabulary",),
    "Serving": ("ml.serving",),
    "Aggregation of votes": ("annotation.consensus",),
    "Choice of candidates": ("annotation.sampling",),
}


def find(name: str) -> Any:
    """Return the object that a constant of this module names."""
    module, _, attribute = name.partition(":")
    return getattr(importlib.import_module(module), attribute)
