"""Write the folder of a fine-tuned model: the base's files with the new head, the manifest and the card."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import load, save

from ml.command import portable
from ml.datasets.pairs import PairDataset
from ml.datasets.snapshot import manifest as snapshot_manifest
from ml.datasets.snapshot import snapshot_id
from ml.models.sketch_encoder import SketchEncoder
from ml.serving.encoder import Encoder
from ml.serving.reference import REFERENCE, Reference
from ml.training.checkpoint import write_atomically
from ml.training.device import training_facts
from ml.training.export import FP32, INT8, MANIFEST, write_reference
from ml.training.model_folder import WEIGHTS
from ml.training.onnx_head import with_head


@dataclass(frozen=True)
class Tuned:
    """A retrained head and its origin.

    parent: SHA-256 of the base's manifest. encoder: without trunk. score_shift: change of the median best score.
    """

    base: Path
    parent: str
    encoder: SketchEncoder
    score_shift: float
    metrics: Mapping[str, Any]
    config: Mapping[str, Any]
    dataset: PairDataset
    n_pairs: int
    n_triplets: int
    n_clicks: int
    minutes: float
    command: str


def write_tuned(out: Path, tuned: Tuned) -> dict[str, Any]:
    """Write weights, both ONNX files, the card and, last, the manifest, which is returned."""
    base = json.loads((tuned.base / MANIFEST).read_text())
    weights = load((tuned.base / WEIGHTS).read_bytes())
    # Without what a base of an earlier version has no place for: its centres are zero.
    tensors = {name: tensor for name, tensor in tuned.encoder.state_dict().items() if name in weights}
    head = {name: np.asarray(tensor.cpu().numpy()) for name, tensor in tensors.items()}
    out.mkdir(parents=True, exist_ok=True)
    write_atomically(out / WEIGHTS, save({**weights, **head}))
    for name in (FP32, INT8):
        write_atomically(out / name, with_head(tuned.base / name, head))
    files = [WEIGHTS, FP32, INT8]
    if REFERENCE in base["files"]:
        kept = Reference.read(tuned.base / REFERENCE)
        write_reference(out, list(zip(kept.images, kept.domains.tolist(), strict=True)))
        files.append(REFERENCE)
    hashes = {name: sha256((out / name).read_bytes()).hexdigest() for name in files}
    manifest = {
        **base,
        **_shifted(base, tuned.score_shift),
        "version": _version(base, tuned.dataset, hashes[WEIGHTS]),
        "profile": "fine-tune",
        "parent": {"name": base["name"], "version": base.get("version", ""), "sha256": tuned.parent},
        "config": {key: portable(v) if isinstance(v, str) else v for key, v in tuned.config.items()},
        "metrics": dict(tuned.metrics),
        "dataset": _dataset(tuned),
        "training": {
            "minutes": round(tuned.minutes, 2),
            "command": tuned.command,
            **training_facts("fp32"),
        },
        "card": "CARD.md",
        "files": hashes,
    }
    manifest.pop("metrics_int8", None)  # those of the base
    write_atomically(out / MANIFEST, (json.dumps(manifest, indent=2) + "\n").encode())
    manifest |= _precision(out)
    write_atomically(out / "CARD.md", card(manifest).encode())
    write_atomically(out / MANIFEST, (json.dumps(manifest, indent=2) + "\n").encode())
    return manifest


def _version(base: Mapping[str, Any], dataset: PairDataset, weights: str) -> str:
    """Return the base's version, the data by its id, and the weights by their hash, so that no two models share it.

    A snapshot's id is that of its row and its exports.
    """
    origin = f"{dataset.format}-{(snapshot_id(dataset.files) or dataset.sha256)[:12]}"
    return f"{base.get('version', '').partition('+')[0]}+{origin}.{weights[:6]}"


def _precision(out: Path) -> dict[str, Any]:
    """Return the precision to serve: int8 if the base does and the new head's outputs still agree with fp32."""
    serving = Encoder.load(out)
    agreement = Encoder.load(out, precision="int8").agreement
    return {"precision": serving.precision, "int8": asdict(agreement) if agreement else {}}


def _shifted(base: Mapping[str, Any], by: float) -> dict[str, Any]:
    """Return the base's score thresholds, shifted like the best scores of sketches."""

    def moved(score: float) -> float:
        return round(float(np.clip(score + by, -1.0, 1.0)), 3)

    return {
        "score_words": {word: moved(score) for word, score in base["score_words"].items()},
        "nothing_close_below": moved(base["nothing_close_below"]),
    }


def _dataset(tuned: Tuned) -> dict[str, Any]:
    facts: dict[str, Any] = {
        "format": tuned.dataset.format,
        "sha256": tuned.dataset.sha256,
        "categories": list(tuned.dataset.categories),
        "n_pairs": tuned.n_pairs,
        "n_triplets": tuned.n_triplets,
        "n_clicks": tuned.n_clicks,
    }
    if tuned.dataset.format == "snapshot":
        snapshot = snapshot_manifest(tuned.dataset.files)
        facts["name"] = snapshot.get("name", "")
        facts["snapshot"] = snapshot_id(tuned.dataset.files)
        facts["consensus"] = snapshot.get("consensus", {})
    return facts


def card(manifest: Mapping[str, Any]) -> str:
    """Return the card in Markdown: origin, data, validation metrics, recipe."""
    parent, data, training = manifest["parent"], manifest["dataset"], manifest["training"]
    rows = [
        f"| {name} | {value['value']:.3f} ({value['ci95'][0]:.3f} to {value['ci95'][1]:.3f}) "
        f"| {was['value']:.3f} ({was['ci95'][0]:.3f} to {was['ci95'][1]:.3f}) |"
        for name, value in manifest["metrics"].items()
        if (was := manifest["metrics"].get(f"base/{name}"))
    ]
    n_synthetic = data.get("consensus", {}).get("synthetic_votes", 0)
    return "\n".join(
        [
            f"# {manifest['name']} {manifest['version']}",
            "",
            f"The head of {parent['name']} {parent['version']} (`{parent['sha256'][:12]}`) retrained on "
            f"{data['n_triplets']} judged triplets, {data['n_clicks']} weak triplets from clicks and "
            f"{data['n_pairs']} sketches of known products; the trunk is "
            "unchanged.",
            "",
            "## Data",
            "",
            f"{data.get('name') or data['format']} (`{(data.get('snapshot') or data['sha256'])[:12]}`), "
            f"categories: {', '.join(data['categories'])}."
            + (f" {n_synthetic} votes are synthetic, cast by simulated workers." if n_synthetic else ""),
            "",
            "## Validation",
            "",
            "On the snapshot's validation sketches, which also chose the step, against all its photos; 95 % bootstrap "
            "intervals. The gate compares the model with the live release on held-out data.",
            "",
            "| metric | this model | base |",
            "|---|---|---|",
            *rows,
            "",
            "## Recipe",
            "",
            f"{training['minutes']} minutes, torch {training['torch']}; served in {manifest['precision']}.",
            "",
            "| setting | value |",
            "|---|---|",
            *[f"| `{name}` | {value} |" for name, value in manifest["config"].items()],
            "",
        ]
    )
