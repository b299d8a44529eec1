"""Searching with a picture instead of a drawing."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image
from playwright.sync_api import FilePayload, expect

from ml.sketch.formats.svg.writing import write_svg
from ml.sketch.raster import RasterSpec, rasterise
from ml.sketch.strokes import parse_sketch
from tests.e2e.complaints import Complaints
from tests.e2e.draw_page import DRAFT, DrawPage
from tests.e2e.site_process import Site
from tests.e2e.sketches import CHAIR

HAND_OVER = """([bytes, type]) => {
    const data = new DataTransfer();
    data.items.add(new File([new Uint8Array(bytes)], "sketch.png", { type: "image/png" }));
    const event = type === "paste"
        ? new ClipboardEvent("paste", { clipboardData: data, bubbles: true })
        : new DragEvent("drop", { dataTransfer: data, bubbles: true, cancelable: true });
    document.body.dispatchEvent(event);
}"""


def _chair_png() -> bytes:
    strokes = [[[600 * x, 600 * y] for x, y in stroke] for stroke in CHAIR]
    sketch = parse_sketch({"width": 600, "height": 600, "strokes": strokes})
    ink = rasterise(sketch, RasterSpec(size=400, stroke_width_px=4, squareness=0))
    file = io.BytesIO()
    Image.fromarray(np.asarray(ink)).save(file, "PNG")
    return file.getvalue()


def test_a_product_finds_itself_by_its_photo(draw: DrawPage, site: Site) -> None:
    product = site.get("products/?category=sofa")["results"][3]
    photo = draw.page.request.get(product["photo_url"]).body()
    file: FilePayload = {"name": "photo.webp", "mimeType": "image/webp", "buffer": photo}
    with draw.page.expect_file_chooser() as chooser:
        draw.button("Add image").click()
    chooser.value.set_files(file)
    expect(draw.results).to_contain_text("Searching by photo.")
    assert draw.found()[0] == str(product["id"])


def test_a_pasted_sketch_is_traced_onto_the_sheet(draw: DrawPage) -> None:
    draw.page.evaluate(HAND_OVER, [list(_chair_png()), "paste"])
    expect(draw.results).to_contain_text("Your image, traced as a sketch.")
    assert draw.found()
    draw.page.wait_for_function(f"() => {DRAFT}?.length > 3")
    draw.button("Undo").click()
    draw.expect_empty()


def test_a_dropped_sketch_can_be_searched_as_a_photo(draw: DrawPage) -> None:
    draw.page.evaluate(HAND_OVER, [list(_chair_png()), "drop"])
    draw.button("This is a photo").click()
    expect(draw.results).to_contain_text("Searching by photo.")
    draw.button("Back to the results for the drawing").click()
    expect(draw.results).not_to_contain_text("Searching by photo.")


def test_a_file_that_is_not_a_picture_is_refused_with_a_message(
    draw: DrawPage, complaints: Complaints
) -> None:
    complaints.mean("status of 400")
    file: FilePayload = {"name": "notes.png", "mimeType": "image/png", "buffer": b"no picture"}
    draw.page.locator("input[type=file]").set_input_files(file)
    alert = draw.page.get_by_role("alert")
    expect(alert).to_contain_text("This image cannot be searched: not a readable image")
    assert alert.inner_text().count("not a readable image") == 1


def test_a_refused_image_clears_the_results_of_the_one_before(draw: DrawPage, complaints: Complaints) -> None:
    complaints.mean("status of 400")
    chooser = draw.page.locator("input[type=file]")
    chooser.set_input_files({"name": "chair.png", "mimeType": "image/png", "buffer": _chair_png()})
    assert draw.found()
    chooser.set_input_files({"name": "notes.png", "mimeType": "image/png", "buffer": b"no picture"})
    expect(draw.page.get_by_role("alert")).to_be_visible()
    expect(draw.cards).to_have_count(0)


def test_an_svg_lies_on_the_sheet_as_strokes_to_be_corrected(draw: DrawPage) -> None:
    strokes = [[[600 * x, 600 * y] for x, y in stroke] for stroke in CHAIR]
    svg = write_svg(parse_sketch({"width": 600, "height": 600, "strokes": strokes})).encode()
    file: FilePayload = {"name": "chair.svg", "mimeType": "image/svg+xml", "buffer": svg}
    draw.page.locator("input[type=file]").set_input_files(file)
    expect(draw.results).to_contain_text("Your image, traced as a sketch.")
    draw.page.wait_for_function(f"() => {DRAFT}?.length === {len(CHAIR)}")
    draw.stroke([(0.1, 0.1), (0.2, 0.1)])
    draw.page.wait_for_function(f"() => {DRAFT}?.length === {len(CHAIR) + 1}")
    draw.button("Undo").click()
    draw.page.wait_for_function(f"() => {DRAFT}?.length === {len(CHAIR)}")
