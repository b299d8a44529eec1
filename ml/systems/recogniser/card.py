"""The model card of a recogniser, generated from its manifest so that they agree."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ml.serving.fields import MANIFEST
from ml.systems.recogniser.data import CATALOGUE_SOURCE, ICONS
from ml.training.checkpoint import write_atomically

WORST = 30  # names in the table
ICON_LICENCES = {  # of the packages @iconify-json/*
    **dict.fromkeys(("fluent-emoji", "fluent-emoji-high-contrast", "hugeicons", "ph", "tabler"), "MIT"),
    **dict.fromkeys(("icon-park-outline", "mdi", "noto"), "Apache-2.0"),
    **dict.fromkeys(("fa6-solid", "twemoji"), "CC-BY 4.0"),
    "game-icons": "CC-BY 3.0",
    "lucide": "ISC",
}
METRICS = {
    "top-1": "right name first",
    "top-5": "right name among the first five",
    "sure": "drawings that it is sure of",
    "right_if_sure": "of these, right",
    "calibration_error": "expected calibration error",
    "overconfidence": "mean best probability less share right",
}


def write_card(folder: Path) -> None:
    """Write CARD.md into a model folder."""
    manifest = json.loads((folder / MANIFEST).read_text())
    write_atomically(folder / "CARD.md", card(manifest).encode())


def card(manifest: Mapping[str, Any]) -> str:
    """Return the card in Markdown: architecture, data, metrics, names, limits, recipe."""
    training, metrics, int8, config = (manifest[key] for key in ("training", "metrics", "int8", "config"))
    measured_on = manifest["measured_on"]
    return "\n".join(
        [
            f"# {manifest['name']} {manifest['version']}",
            "",
            f"Which of {len(manifest['names'])} QuickDraw names a drawing shows: EfficientNet-Lite0 trunk on "
            f"{manifest['raster']['size']} px, mean over positions, one hidden layer of {config['hidden']}.",
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
            f"Not trained on: the {manifest['data']['val']:,} validation and {manifest['data']['test']:,} test drawings "
            "of the first source; drawings with their keys in further sources are left out.",
            "",
            "## Metrics",
            "",
            f"On the {metrics['n_queries']:,} drawings of the test split, whole and after the first half of their "
            "strokes, with 95 % bootstrap intervals. `Sure` means a best probability of at least "
            f"{manifest['sure_from']}; below {manifest['nothing_below']}, no name is offered. Both, and the temperature "
            f"{manifest['temperature']}, were chosen on validation, on whole and half-drawn drawings together. Measured "
            f"on {measured_on['name']} ({', '.join(measured_on['features']) or measured_on['architecture']}).",
            "",
            "| metric | whole, fp32 | int8 | half drawn, fp32 | int8 |",
            "|---|---|---|---|---|",
            *_metric_rows(metrics, manifest["metrics_int8"]),
            "",
            "### Drawings of nothing",
            "",
            "Generated, in fp32; names such as `squiggle`, `zigzag` and `line` are near.",
            "",
            "| drawing | number | median best probability | names offered | sure |",
            "|---|---|---|---|---|",
            *[
                f"| {kind} | {row['n']} | {row['median']:.2f} | {row['offered']:.0%} | {row['sure']:.0%} |"
                for kind, row in manifest["nonsense"].items()
            ],
            "",
            f"### The {WORST} names recognised least",
            "",
            "Of the test drawings, in fp32. With so few drawings of each name, neighbours in the table do not differ.",
            "",
            "| name | right first | among five | drawings | most often mistaken for |",
            "|---|---|---|---|---|",
            *_worst_rows(metrics["names"]),
            "",
            "## Limits",
            "",
            "Trained on drawings of twenty seconds by visitors of a game. It knows only its names, and always gives them "
            "probabilities that sum to one: a drawing of something else gets the nearest names. One temperature "
            "serves whole and half-drawn drawings, so probabilities are too low for the first, too high for the second.",
            "",
            "## Recipe",
            "",
            f"{training['minutes']} minutes, torch {training['torch']}; served in {manifest['precision']}. "
            f"int8 compared with fp32: {100 * int8['loss_on_validation']:.1f} points less top-1 or top-5 on validation, "
            f"{int8['shared']:.3f} of the probability shared and {int8['same_best']:.0%} of the best names equal on the "
            "reference images. No sum of its convolutions' weights overflows 16 bits, so processors without 8-bit dot "
            "products give the same results.",
            "",
            f"    {training['command']}",
            "",
            "| setting | value |",
            "|---|---|",
            *[f"| `{name}` | {_text(value)} |" for name, value in config.items()],
            "",
        ]
    )


def _sources(manifest: Mapping[str, Any]) -> list[str]:
    rows = []
    for name, n in manifest["data"]["train"].items():
        if name.startswith(ICONS):
            package = name.removeprefix(ICONS)
            licence = ICON_LICENCES.get(package, "see the package")
            rows.append(f"| icons `{package}` | {n:,} traced line drawings with names | {licence} |")
        elif name == CATALOGUE_SOURCE:
            rows.append(f"| demo catalogue | {n:,} line drawings with names | CC0, CC-BY 3.0 |")
        else:
            rows.append(f"| QuickDraw (Google), `{name}` | {n:,} drawings with names | CC-BY 4.0 |")
    if manifest["config"]["teacher"] is not None:
        rows.append("| DoodleNet (Yining Shi) | soft labels of the same drawings, as a teacher | MIT |")
    return [*rows, "| ImageNet weights of EfficientNet-Lite0 | initial weights of the trunk | Apache-2.0 |"]


def _metric_rows(fp32: Mapping[str, Any], int8: Mapping[str, Any]) -> list[str]:
    rows = []
    for name, words in METRICS.items():
        cells = [_figure(of.get(key)) for key in (name, f"{name}_half") for of in (fp32, int8)]
        rows.append(f"| {words} | {' | '.join(cells)} |")
    return rows


def _figure(metric: Mapping[str, Any] | None) -> str:
    if metric is None:
        return "none"
    low, high = metric["ci95"]
    return f"{metric['value']:.3f} ({low:.3f} to {high:.3f})"


def _worst_rows(names: Mapping[str, Mapping[str, Any]]) -> list[str]:
    ordered = sorted(names.items(), key=lambda item: (item[1]["top-1"], item[1]["top-5"], item[0]))
    return [
        f"| {name} | {row['top-1']:.2f} | {row['top-5']:.2f} | {row['n_sketches']} | {row['mistaken_for']} |"
        for name, row in ordered[:WORST]
    ]


def _text(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
