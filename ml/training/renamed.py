"""Settings that have been renamed, to read model folders, runs and rules that use the old names."""

from collections.abc import Mapping
from typing import Any

RENAMED = {  # old name -> current name; no current name is a key
    "abstract": "abstract_prob",
    "also_share": "also_prob",
    "average_decay": "ema_decay",
    "begin": "hash_init",
    "branch_rate": "branch_lr",
    "clip": "grad_clip_norm",
    "codes_begin": "codes_init",
    "discriminant": "init_from_discriminant_axes",
    "erase": "erase_prob",
    "hash_drop": "hash_lr_drop_at",
    "hash_rate": "hash_lr",
    "head_rate": "head_lr",
    "holef_rate": "holef_lr",
    "image_px": "image_size_px",
    "other_view": "other_view_prob",
    "partial": "partial_prob",
    "photo_share": "photo_prob",
    "pretrain_rate": "pretrain_lr",
    "refining": "refine_lr_factor",
    "rnn_rate": "rnn_lr",
    "sold": "sold_prob",
    "strokes": "stroke_removal_prob",
    "trunk_rate": "trunk_lr",
}


def current_names(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings with their current names."""
    return {RENAMED.get(name, name): value for name, value in settings.items()}
