"""The tables from finished products, and when a product counts as finished."""

import gzip
import json
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from tools.demo.render.curation import Curation, Product
from tools.demo.render.library import Model
from tools.demo.render.tables import write_tables
from tools.demo.render.work import Task

MODEL = Model(
    sku="sf-a",
    library="Scopia",
    path="scopia/a.obj",
    icon="a.png",
    name="A",
    tags="",
    room="",
    creator="Ada",
    licence="CC-BY-3.0",
    size_cm=(1.0, 1.0, 1.0),
    elevation_cm=0.0,
    rotation=(1.0,) * 9,
)
CURATION = Curation(
    products={},
    dropped={},
    categories={"chair": {"en": "Chairs", "de": "Stühle"}},
    quickdraw={"chair": ["chair"], "stairs": ["sf-a"]},
)


@pytest.fixture
def task(tmp_path: Path) -> Task:
    task = Task(Product("sf-a", "Oak chair", "chair"), MODEL, tmp_path / "data", tmp_path / "work")
    for folder in (tmp_path / "data/photos", tmp_path / "data/views", tmp_path / "work"):
        folder.mkdir(parents=True)
    for view in task.product.views:
        Image.new("RGB", (4, 4)).save(task.picture(view.name))
    drawings = {view.name: [[[0.0, 9.5], [1.0, 2.0]]] for view in task.product.views}
    task.record.write_text(json.dumps({"stamp": task.stamp, "drawings": drawings}))
    return task


def test_a_finished_product_is_not_done_again(task: Task) -> None:
    assert task.done


def test_a_new_view_or_a_lost_picture_is_done_again(task: Task) -> None:
    assert not replace(task, product=replace(task.product, elevation=40.0)).done
    task.picture("left").unlink()
    assert not task.done


def test_a_new_name_or_category_is_not_rendered_again(task: Task) -> None:
    assert replace(task, product=replace(task.product, name="Elm chair", category="stool")).done


def test_the_tables_hold_the_product(task: Task) -> None:
    write_tables([task], CURATION, task.data)
    (row,) = [json.loads(line) for line in (task.data / "products.jsonl").read_text().splitlines()]
    assert (row["sku"], row["name"], row["author"], row["photo"]) == (
        "sf-a",
        "Oak chair",
        "Ada",
        "photos/sf-a.webp",
    )
    lines = gzip.decompress((task.data / "drawings.ndjson.gz").read_bytes()).decode().splitlines()
    assert len(lines) == 5
    assert json.loads(lines[0]) == {
        "key_id": "sf-a",
        "word": "chair",
        "view": "main",
        "drawing": [[[0.0, 9.5], [1.0, 2.0]]],
    }
    assert json.loads((task.data / "categories.json").read_text())["chair"]["de"] == "Stühle"


def test_quickdraw_answers_by_category_and_by_product(task: Task) -> None:
    write_tables([task], CURATION, task.data)
    assert json.loads((task.data / "quickdraw-map.json").read_text()) == {"chair": ["chair"]}
    assert json.loads((task.data / "quickdraw-products.json").read_text()) == {
        "chair": ["sf-a"],
        "stairs": ["sf-a"],
    }


def test_pictures_of_dropped_products_go(task: Task) -> None:
    stale = task.data / "photos/sf-gone.webp"
    stale.write_bytes(b"")
    write_tables([task], CURATION, task.data)
    assert not stale.exists()
    assert task.picture("main").exists()


def test_the_same_products_give_the_same_bytes(task: Task) -> None:
    written = []
    for _ in range(2):
        write_tables([task], CURATION, task.data)
        written.append({path.name: path.read_bytes() for path in task.data.iterdir() if path.is_file()})
    assert written[0] == written[1]
