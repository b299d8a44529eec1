"""The model card of a `sketchfind` release, written from its manifest so that the two cannot disagree."""

import json
from pathlib import Path
from typing import Any

from ml.training.checkpoint import write_atomically
from ml.training.export import MANIFEST

SOURCES = [
    (
        "photos and line drawings of the demo catalogue",
        "drawings, humanised; photos and edge maps",
        "CC0, CC-BY 3.0",
    ),
    ("QuickDraw drawings (Google)", "human doodles with category names", "CC-BY 4.0"),
    ("ImageNet weights of EfficientNet-Lite0", "start of the trunk", "Apache-2.0"),
]


def write_card(folder: Path) -> None:
    """Write CARD.md into a model folder."""
    manifest = json.loads((folder / MANIFEST).read_text())
    write_atomically(folder / "CARD.md", card(manifest).encode())


def card(manifest: dict[str, Any]) -> str:
    """The card's Markdown: what it is, data, recipe, cost, measured figures."""
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
            "Licence of the weights: Apache-2.0. Only openly licensed data went into them.",
            "",
            "## Data",
            "",
            "| data | used as | licence |",
            "|---|---|---|",
            *[f"| {data} | {use} | {licence} |" for data, use, licence in SOURCES],
            "",
            "Each product's author and licence stand in the catalogue's ATTRIBUTION.md.",
            "",
            "## Measured",
            "",
            "On the test split: products and doodles never trained on. Queries to a product's own photo (acc@k) are "
            "**synthetic**: its line drawing with 10, 30 or 50 % of the strokes removed, deformed and jittered. "
            "precision@10 uses **human** QuickDraw doodles against the whole catalogue, seats@10 the share of seats in "
            "the first ten for **human** Chair-V2 sketches, which are for measuring alone. 95 % bootstrap intervals. "
            "The plain names follow the order that visitors see: shortlist by hash code, cosine, vote of the shelves; "
            "`_cosine` ranks by cosine alone, `_hash` by hash code alone. The figures are fp32's, which other processors "
            "repeat but for a borderline rank or two; int8's stand beside them. "
            f"Measured on {_processor(manifest['measured_on'])}.",
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
            f"{training['minutes']} minutes, torch {training['torch']}; served in {manifest['precision']}. Temperature "
            "of the shelves' vote, chosen on validation: "
            f"{manifest.get('shelf_temperature') or 'none, they have no vote'}. int8 against fp32: "
            f"{100 * int8['loss_on_validation']:.1f} points less on validation, thresholds {int8['threshold_shift']:.3f} "
            f"apart, mean cosine {min(int8['mean_cosine'].values()):.4f} on the reference inputs, "
            f"{100 * int8['equal_bits']:.1f} % of the hash codes' bits equal. No sum of its weights overflows 16 bits, "
            "so it gives these numbers on processors without 8-bit dot products, too.",
            "",
            "| setting | value |",
            "|---|---|",
            *settings,
            "",
            "## Limits",
            "",
            "Trained on household products seen from a few fixed angles on white ground. Busy photo backgrounds, "
            "people, and abstract drawings of rare products are outside what it was measured on.",
            "",
        ]
    )


def _processor(measured_on: dict[str, Any]) -> str:
    return f"{measured_on['name']} ({', '.join(measured_on['features']) or measured_on['architecture']})"
