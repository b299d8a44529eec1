"""ATTRIBUTION.md: who made what, under which licence, and what was changed, as CC-BY requires."""

from collections import defaultdict

from .work import Task

LICENCE_FILES = {
    "CC0-1.0": ("Creative Commons Zero 1.0", "LICENSES/CC0-1.0.txt"),
    "CC-BY-3.0": ("Creative Commons Attribution 3.0 Unported", "LICENSES/CC-BY-3.0.txt"),
    "CC-BY-3.0-US": ("Creative Commons Attribution 3.0 United States", "LICENSES/CC-BY-3.0-US.txt"),
}

_HEAD = """# Attribution

The photos, training views and line drawings of this folder were rendered from the 3D furniture models of
Sweet Home 3D's model libraries, as packaged by Debian (`sweethome3d-furniture`). **Changes made:** each
model was scaled to its catalogue size, lit, photographed from several sides and drawn as lines; names and
categories are ours. Each picture stays under the licence of its model.

Libraries: Copyright 2008-2020 Emmanuel Puybaret / eTeks <info@eteks.com> and the creators named below
(Scopia: Scopia Visual Interfaces Systems, s.l., <http://www.scopia.es>; Kator Legaz: Andrew Kator &
Jennifer Legaz; Reallusion: <http://www.reallusion.com>; Blend Swap: <http://www.blendswap.com>).
Collected at <http://www.sweethome3d.com/importModels.jsp>.
"""


def attribution(tasks: list[Task]) -> str:
    """Return the file: one section per licence, one line per product with its creator and model."""
    sections: dict[str, list[str]] = defaultdict(list)
    for task in tasks:
        product, model = task.product, task.model
        sections[model.licence].append(
            f"| `{product.sku}` | {product.name} | {model.creator} | {model.library}: {model.path} |"
        )
    parts = [_HEAD]
    for licence, rows in sorted(sections.items()):
        title, path = LICENCE_FILES[licence]
        parts.append(f"\n## {title} ({licence}), [{path}]({path})\n")
        parts.append("| SKU | name | creator | model |\n|---|---|---|---|")
        parts.append("\n".join(rows) + "\n")
    return "\n".join(parts)
