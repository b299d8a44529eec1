"""Take the pictures of the documentation from a running demo: `python -m tools.screenshots --password PASSWORD`.

Run the tutorials "My first study" and "Close the loop" in that demo first, so that its pages have something to show.
"""

from __future__ import annotations

import argparse
import io
import os
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import Browser, Page, expect, sync_playwright

FOLDER = Path(__file__).parents[1] / "docs" / "images"
WIDE, PHONE = (1280, 800), (390, 760)
LOOK: dict[str, Any] = {"locale": "en-GB", "color_scheme": "light", "reduced_motion": "reduce"}
QUALITY = 78  # of WebP, at which text still looks sharp
CHAIR = [  # strokes in the unit square, y down
    [(0.30, 0.10), (0.32, 0.52)],
    [(0.30, 0.10), (0.66, 0.08)],
    [(0.66, 0.08), (0.67, 0.50)],
    [(0.36, 0.20), (0.62, 0.19)],
    [(0.36, 0.34), (0.63, 0.33)],
    [(0.32, 0.52), (0.67, 0.50), (0.76, 0.60), (0.26, 0.63), (0.32, 0.52)],
    [(0.26, 0.63), (0.25, 0.93)],
    [(0.76, 0.60), (0.77, 0.91)],
    [(0.36, 0.63), (0.36, 0.84)],
    [(0.66, 0.61), (0.66, 0.82)],
]


@dataclass(frozen=True, slots=True)
class Shot:
    """One picture: its page, what to do there first, and the size of the window."""

    name: str
    path: str
    ready: Callable[[Page], None]
    size: tuple[int, int] = WIDE
    as_visitor: bool = False


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m tools.screenshots", description=__doc__)
    parser.add_argument("--url", default="http://127.0.0.1:8000", help="URL of the running demo")
    parser.add_argument("--username", default="operator")
    parser.add_argument("--password", required=True, help="password of an operator")
    parser.add_argument("--campaign", default="demo-closer", help="slug of the campaign to show")
    parser.add_argument("--only", action="append", default=[], help="name of a picture; may be repeated")
    options = parser.parse_args(arguments)
    FOLDER.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=_chromium())
        visitor = browser.new_context(**LOOK).new_page()
        operator = _signed_in(browser, options.url, options.username, options.password)
        for shot in _shots(operator, options.url, options.campaign):
            if not options.only or shot.name in options.only:
                _taken(visitor if shot.as_visitor else operator, options.url, shot)
        browser.close()
    total = sum(path.stat().st_size for path in FOLDER.glob("*.webp"))
    print(f"{total / 1000:.0f} kB in total")


def _shots(page: Page, url: str, slug: str) -> list[Shot]:
    """Return every picture; pages of runs and releases only if the demo has some."""
    campaigns = _get_json(page, f"{url}/api/v1/campaigns/")["results"]
    campaign = next(row["id"] for row in campaigns if row["slug"] == slug)
    product = _get_json(page, f"{url}/api/v1/products/?category=chair")["results"][0]["url"]
    shots = [
        Shot("draw", "/", _chair_drawn, as_visitor=True),
        Shot("draw-phone", "/", _chair_drawn, PHONE, as_visitor=True),
        Shot("product", product, _loaded, as_visitor=True),
        Shot("browse", "/browse/?category=chair", _loaded, as_visitor=True),
        Shot("judge", f"/annotate/{slug}/?preview", _loaded, PHONE),
        Shot("campaign-new", "/studio/campaigns/new/", _loaded, (1280, 900)),
        Shot("campaign", f"/studio/campaigns/{campaign}/", _loaded, (1280, 900)),
        Shot("run-new", "/studio/runs/new/", _loaded),
    ]
    for run in _get_json(page, f"{url}/api/v1/runs/")["results"][:1]:
        shots.append(Shot("run", f"/studio/runs/{run['id']}/", _loaded, (1280, 900)))
    for gate in _get_json(page, f"{url}/api/v1/gates/")["results"][:1]:
        shots.append(Shot("release", f"/studio/releases/{gate['release']}/", _loaded, (1280, 900)))
        shots.append(Shot("releases", "/studio/releases/", _loaded))
    return shots


def _taken(page: Page, url: str, shot: Shot) -> None:
    width, height = shot.size
    page.set_viewport_size({"width": width, "height": height})
    page.goto(url + shot.path)
    shot.ready(page)
    picture = Image.open(io.BytesIO(page.screenshot(animations="disabled"))).convert("RGB")
    target = FOLDER / f"{shot.name}.webp"
    picture.save(target, "WEBP", quality=QUALITY, method=6)
    print(f"{target.name}: {picture.width}x{picture.height}, {target.stat().st_size / 1000:.0f} kB")


def _signed_in(browser: Browser, url: str, username: str, password: str) -> Page:
    page = browser.new_context(**LOOK).new_page()
    page.goto(f"{url}/studio/campaigns/")
    page.locator("[name=username]").fill(username)
    page.locator("[name=password]").fill(password)
    page.keyboard.press("Enter")
    expect(page.locator(".studio-nav")).to_be_visible()
    return page


def _get_json(page: Page, address: str) -> dict[str, list[dict[str, str]]]:
    answer: dict[str, list[dict[str, str]]] = page.request.get(address).json()
    return answer


def _chair_drawn(page: Page) -> None:
    """Draw the chair with the mouse and wait until the results have caught up."""
    surface = page.locator(".surface")
    expect(surface).to_be_visible()
    box = surface.bounding_box()
    assert box is not None
    side = min(box["width"], box["height"])
    left, top = box["x"] + (box["width"] - side) / 2, box["y"] + (box["height"] - side) / 2
    for stroke in CHAIR:
        for number, (x, y) in enumerate(stroke):
            page.mouse.move(left + x * side, top + y * side, steps=1 if number == 0 else 4)
            if number == 0:
                page.mouse.down()
        page.mouse.up()
    expect(page.locator(".grid .card[data-flip]").first).to_be_visible()
    expect(page.locator("section.results")).to_have_attribute("aria-busy", "false")
    page.mouse.move(2, 2)
    _loaded(page)


def _loaded(page: Page) -> None:
    """Wait for a page's requests; pages with a live socket never become idle."""
    page.wait_for_load_state("load")
    page.wait_for_timeout(1500)


def _chromium() -> str | None:
    """Return the system's browser if there is one, else Playwright's own."""
    return os.environ.get("SKETCHFIND_CHROMIUM") or shutil.which("chromium")


if __name__ == "__main__":
    main()
