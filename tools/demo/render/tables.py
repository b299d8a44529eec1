"""The catalogue's tables from the rendered products: rows, strokes, categories, QuickDraw answers,
attribution. Same input, same bytes."""

import gzip
import json
from collections.abc import Iterable, Mapping
from pathlib import Path

from .attribution import attribution
from .curation import Curation
from .work import Task


def write_tables(tasks: list[Task], curation: Curation, data: Path) -> None:
    """Write the tables of the finished `tasks` into `data`, and remove pictures that belong to none of them."""
    ordered = sorted(tasks, key=lambda task: task.product.sku)
    _write_lines(data / "products.jsonl", (_row(task) for task in ordered))
    _write_json(data / "categories.json", curation.categories)
    category_answers = {
        name: slugs for name, slugs in curation.quickdraw.items() if set(slugs) <= set(curation.categories)
    }
    _write_json(data / "quickdraw-map.json", category_answers)
    _write_json(data / "quickdraw-products.json", _answers(ordered, curation))
    lines = "".join(_dump(line) + "\n" for task in ordered for line in _drawings(task))
    (data / "drawings.ndjson.gz").write_bytes(gzip.compress(lines.encode(), 9, mtime=0))
    (data / "ATTRIBUTION.md").write_text(attribution(ordered), encoding="utf-8")
    wanted = {task.picture(view.name) for task in ordered for view in task.product.views}
    for folder in ("photos", "views"):
        for picture in (data / folder).glob("*.webp"):
            if picture not in wanted:
                picture.unlink()


def _row(task: Task) -> dict[str, str]:
    product, model = task.product, task.model
    return {
        "sku": product.sku,
        "name": product.name,
        "category": product.category,
        "licence": model.licence,
        "author": model.creator,
        "source": f"sweethome3d-furniture: {model.library}.sh3f/{model.path}",
        "photo": f"photos/{product.sku}.webp",
    }


def _answers(tasks: list[Task], curation: Curation) -> dict[str, list[str]]:
    """Return the SKUs that answer each QuickDraw name, including those of whole categories."""
    return {
        name: [t.product.sku for t in tasks if t.product.category in wanted or t.product.sku in wanted]
        for name, wanted in curation.quickdraw.items()
    }


def _drawings(task: Task) -> Iterable[dict[str, object]]:
    record = json.loads(task.record.read_text())
    for view, strokes in record["drawings"].items():
        yield {"key_id": task.product.sku, "word": task.product.category, "view": view, "drawing": strokes}


def _dump(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _write_lines(path: Path, rows: Iterable[dict[str, str]]) -> None:
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")


def _write_json(path: Path, value: Mapping[str, object]) -> None:
    rows = ",\n".join(
        f"  {json.dumps(key)}: {json.dumps(item, ensure_ascii=False)}" for key, item in value.items()
    )
    path.write_text("{\n" + rows + "\n}\n", encoding="utf-8")
