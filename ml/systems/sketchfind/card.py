"""The model card of a `sketchfind` release, generated from its manifest so that they agree."""

import json
from pathlib import Path
from typing import Any

from ml.serving.manifest import NAME_WEIGHT_KEY
from ml.training.checkpoint import write_atomically
from ml.training.export import MANIFEST

SOURCES = {  # the manifest's count of each: what, as what, licence
    "products": (
        "products of the demo catalogue",
        "humanised line drawings, photos and edge maps",
        "CC0, CC-BY 3.0",
    ),
    "doodles": ("QuickDraw drawings (Google)", "human doodles with category names", "CC-BY 4.0"),
    "pictures": (
        "3-D renders of Fluent Emoji (Microsoft) and clip art of Debian's openclipart",
        "pictures, edge maps, and humanised drawings traced from them",
        "MIT, public domain",
    ),
}


def write_card(folder: Path) -> None:
    """Write CARD.md into a model folder."""
    manifest = json.loads((folder / MANIFEST).read_text())
    write_atomically(folder / "CARD.md", card(manifest).encode())


def card(manifest: dict[str, Any]) -> str:
    """Return the card in Markdown: architecture, data, metrics, recipe, limits."""
    training, metrics, int8 = manifest["training"], manifest["metrics"], manifest["int8"]
    rows = [
        f"| {name} | {value['value']:.3f} | {value['ci95'][0]:.3f} to {value['ci95'][1]:.3f} "
        f"| {manifest['metrics_int8'][name]['value']:.3f} |"
        for name, value in metrics.items()
        if isinstance(value, dict) and "ci95" in value
    ]
    categories = [
        f"| {name} | {row['precision@10']:.2f} | {row['n_sketches']} | {row['n_products']} |"
        for name, row in metrics.get("categories", {}).items()
    ]
    settings = [
        f"| `{name}` | {value} |" for name, value in manifest["config"].items() if name != "quickdraw"
    ]
    return "\n".join(
        [
            f"# {manifest['name']} {manifest['version']}",
            "",
            "One encoder for sketches, edge maps and photos: EfficientNet-Lite0 trunk, 4x4 spatial pooling, a "
            f"{manifest['embedding_dim']}-D embedding and a {manifest['code_length']}-bit hash code.",
            "",
            "Licence of the weights: Apache-2.0. They were trained only on openly licensed data, starting "
            "from ImageNet weights.",
            "",
            "## Data",
            "",
            "| data | used as | licence |",
            "|---|---|---|",
            *_sources(manifest),
            "",
            "The catalogue's ATTRIBUTION.md lists the author and licence of each product.",
            "",
            "## Metrics",
            "",
            "On the test split, whose products and doodles were not trained on. Queries for a product's own photo "
            "(acc@k) are **synthetic**: its line drawing with 10, 30 or 50 % of the strokes removed, deformed and "
            "jittered. precision@10 uses **human** QuickDraw doodles against the whole catalogue; seats@10 is the share "
            "of seats among the first ten for **human** Chair-V2 sketches, which are only used for evaluation. Intervals "
            "are 95 % bootstrap intervals. Plain names follow the order that visitors see: shortlist by hash code, "
            "cosine, recognised names; `_shape` ranks without names, `_cosine` only by cosine, `_hash` only by hash "
            "code. On other processors, fp32 may differ in a few borderline ranks. Measured on "
            f"{_processor(manifest['measured_on'])}.",
            "",
            "| metric | fp32 | interval | int8 |",
            "|---|---|---|---|",
            *rows,
            "",
            *(
                [
                    "| doodle | precision@10 | sketches | right products |",
                    "|---|---|---|---|",
                    *categories,
                    "",
                ]
                * bool(categories)
            ),
            "## Recipe",
            "",
            f"{training['minutes']} minutes, torch {training['torch']}; served in {manifest['precision']}. Weight of "
            f"recognised names, chosen on validation: {manifest.get(NAME_WEIGHT_KEY, 'the default')}. "
            f"int8 compared with fp32: {100 * int8['loss_on_validation']:.1f} points less on validation, thresholds "
            f"{int8['threshold_shift']:.3f} apart, mean cosine {min(int8['mean_cosine'].values()):.4f} on the reference "
            f"inputs, {100 * int8['equal_bits']:.1f} % of the hash codes' bits equal. No sum of its weights overflows 16 "
            "bits, so processors without 8-bit dot products give the same results.",
            "",
            "| setting | value |",
            "|---|---|",
            *settings,
            "",
            "## Limits",
            "",
            "Trained on household products seen from a few fixed angles on a white background. It was not evaluated on "
            "busy photo backgrounds, people, or abstract drawings of rare products.",
            "",
        ]
    )


def _sources(manifest: dict[str, Any]) -> list[str]:
    rows = [
        f"| {manifest['data'][kind]:,} {what} | {use} | {licence} |"
        for kind, (what, use, licence) in SOURCES.items()
        if manifest["data"][kind]
    ]
    return [*rows, "| ImageNet weights of EfficientNet-Lite0 | initial weights of the trunk | Apache-2.0 |"]


def _processor(measured_on: dict[str, Any]) -> str:
    return f"{measured_on['name']} ({', '.join(measured_on['features']) or measured_on['architecture']})"
