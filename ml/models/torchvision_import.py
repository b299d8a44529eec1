"""Import torchvision with a CPU-only torch, for which no matching build is published.

The published torchvision fails to import with CPU torch because its compiled operators are missing. Two of them are
needed at import time; declaring them lets the pure-Python parts (models, transforms) load. They are declared only after
a failure: if the operators exist, a second definition aborts the process.
"""

import importlib
import sys
from types import ModuleType

_library: object = None


def import_torchvision() -> ModuleType:
    """Return torchvision, with `nms` and `qnms` declared if its operators cannot load. It may lack `torchvision.io`."""
    global _library
    try:
        return importlib.import_module("torchvision")
    except RuntimeError as error:
        if "torchvision::nms" not in str(error):
            raise
    import torch

    for name in [name for name in sys.modules if name.split(".")[0] == "torchvision"]:
        del sys.modules[name]
    library = torch.library.Library("torchvision", "FRAGMENT")  # type: ignore[no-untyped-call]
    for operator in ("nms", "qnms"):
        schema = f"{operator}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor"
        library.define(schema)  # type: ignore[no-untyped-call]
    _library = library  # the registration lives as long as its library
    return importlib.import_module("torchvision")
