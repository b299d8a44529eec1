"""How tables name a result: its system, its label, and what its settings say that a reader must know."""

from collections.abc import Mapping
from typing import Any

Result = Mapping[str, Any]


def shown_name(result: Result) -> str:
    """Return the name of a row."""
    parts = [result["system"], result["label"], *_remarks(result)]
    return ", ".join(filter(None, parts))


def is_joint(result: Result) -> bool:
    """Return whether the model was trained on further data sets, not on that of its row alone."""
    return bool(result["config"].get("also"))


def _remarks(result: Result) -> list[str]:
    config = result["config"]
    remarks = []
    if is_joint(result):
        remarks.append(f"trained on {len(config['also']) + 1} data sets together")
    if result["system"] == "sketch-a-net-ranksvm" and config.get("model") is None:
        remarks.append("random network")
    if config.get("branch") == "lite0":
        remarks.append(f"pretrained branch on {config['gallery']}s".replace("edges", "edge maps"))
    stages = ("pretrain_photos", "pretrain_sketches")
    if result["system"] == "triplet-san" and all(config.get(stage) is None for stage in stages):
        remarks.append("stage 4 alone")
    return remarks
