"""The other pages: categories, a product, how it works."""

from __future__ import annotations

import json

from playwright.sync_api import Page, expect

from tests.e2e.draw_page import DrawPage
from tests.e2e.site_process import MODEL, Site
from tests.e2e.sketches import LAMP, LINE


def test_categories_and_words(page: Page, site: Site) -> None:
    sofas = site.get("products/?category=sofa")["results"]
    page.goto("/browse/")
    expect(page.locator(".tile")).to_have_count(48)
    page.get_by_role("link", name="Next").click()
    expect(page).to_have_url(f"{site.url}/browse/?page=2")
    page.locator("a.shelf[href*='category=sofa']").click()
    expect(page.locator(".tile")).to_have_count(len(sofas))
    page.get_by_role("searchbox").fill(sofas[2]["name"])
    page.get_by_role("searchbox").press("Enter")
    expect(page.locator(".tile-name").filter(has_text=sofas[2]["name"]).first).to_be_visible()
    page.get_by_role("searchbox").fill("zeppelin")
    page.get_by_role("searchbox").press("Enter")
    expect(page.get_by_role("heading", level=2)).to_contain_text("zeppelin")


def test_a_product_shows_its_source_and_similar_products(page: Page, site: Site) -> None:
    listed = site.get("products/?category=armchair")["results"][0]
    product = site.get(f"products/{listed['id']}/")
    page.goto(product["url"])
    expect(page.get_by_role("heading", level=1)).to_have_text(product["name"])
    for fact in ("sku", "author", "licence"):
        expect(page.locator("dl.facts")).to_contain_text(product[fact])
    similar = page.locator("#similar .tile")
    expect(similar).to_have_count(12)
    assert product["url"] not in similar.evaluate_all("tiles => tiles.map(tile => tile.getAttribute('href'))")


def test_a_product_shows_its_edges_and_the_last_sketch(draw: DrawPage, site: Site) -> None:
    draw.sketch(LAMP)
    draw.page.goto(site.get("products/?category=lamp")["results"][0]["url"])
    for name, layer in (("Photo edges", "edges"), ("Your last sketch", "sketch")):
        box = draw.page.get_by_role("checkbox", name=name)
        shown = draw.page.locator(f"[data-layer={layer}]")
        expect(shown).to_be_hidden()
        box.check()
        expect(shown).to_be_visible()


def test_drawing_on_top_of_a_product(page: Page, site: Site) -> None:
    page.goto(site.get("products/?category=lamp")["results"][0]["url"])
    page.get_by_role("link", name="Trace this product").click()
    draw = DrawPage(page)
    expect(page.locator(".sheet-underlay")).to_be_visible()
    draw.sketch([LINE])
    page.get_by_role("button", name="Stop tracing").click()
    expect(page.locator(".sheet-underlay")).to_be_hidden()
    draw.expect_strokes(1)


def test_how_it_works_shows_the_live_models_card_and_figures(page: Page, site: Site) -> None:
    manifest = json.loads((MODEL / "model.json").read_text())
    page.goto("/how/")
    expect(page.locator("main")).to_contain_text(f"{manifest['name']} {manifest['version']}")
    title = (MODEL / manifest["card"]).read_text().splitlines()[0].removeprefix("# ")
    expect(page.locator(".model-card")).to_contain_text(title)
    for name in ("precision@10", "acc@1", "acc@10"):
        metric = manifest["metrics"][name]
        value = metric["value"] if isinstance(metric, dict) else metric
        expect(page.locator(".numbers")).to_contain_text(f"{100 * value:.1f} %")


def test_an_unknown_address(page: Page) -> None:
    page.goto("/nowhere/")
    page.get_by_role("link", name="Draw it").click()
    expect(page.locator(".surface")).to_be_visible()
