"""The search on a page of another origin, as in the documentation's example."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import BrowserContext, FrameLocator, Locator, Page, Route, expect

from tests.e2e.complaints import LOST, Complaints
from tests.e2e.looks import NARROW
from tests.e2e.shop import Shop, change_key, example_page, make_key
from tests.e2e.site_process import Site
from tests.e2e.sketches import CHAIR

DESKTOP, PHONE = {"width": 1280, "height": 800}, {"width": 390, "height": 844}
NAME = "Shop of the browser tests"
# Whatever is wider than the element or than its own button
STICKING_OUT = """() => {
    const root = document.querySelector("sketch-search").shadowRoot;
    const wide = [...root.querySelectorAll("*")].filter((each) => each.getBoundingClientRect().right > innerWidth + 0.5);
    const full = [...root.querySelectorAll("button")].filter((each) => each.scrollWidth > each.clientWidth);
    return [...wide, ...full].map((each) => `${each.localName} ${each.className} ${each.textContent}`);
}"""


@pytest.fixture(scope="module")
def shop(site: Site) -> Iterator[Shop]:
    with Shop().serving() as shop:
        key = make_key(site, NAME, [shop.url])["public"]
        shop.pages = {
            "/": example_page(site, key),
            "/de/": example_page(site, key).replace('<html lang="en">', '<html lang="de">'),
            "/frame/": f'<link rel="icon" href="data:,"><iframe src="{site.url}/embed/?key={key}" width="700" '
            'height="800" title="search"></iframe>',
        }
        yield shop


@pytest.fixture(scope="module")
def other_shop(shop: Shop) -> Iterator[Shop]:
    """A shop that took the pages of the first, key and all."""
    with Shop().serving() as other:
        other.pages = shop.pages
        yield other


def draw(page: Page, surface: Locator) -> None:
    surface.scroll_into_view_if_needed()
    box = surface.bounding_box()
    assert box
    for stroke in CHAIR:
        points = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in stroke]
        page.mouse.move(*points[0])
        page.mouse.down()
        for point in points[1:]:
            page.mouse.move(*point, steps=3)
        page.mouse.up()


def cards(page: Page | FrameLocator) -> Locator:
    return page.locator("sketch-search .card[data-product]")


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_draw_see_and_click_through(
    new_context: Callable[..., BrowserContext], site: Site, shop: Shop, viewport: dict[str, int]
) -> None:
    page = new_context(viewport=viewport).new_page()
    page.goto(shop.url)
    expect(page.locator("sketch-search .invite-title")).to_be_visible()
    expect(page.locator("sketch-search .example").first).to_be_visible()
    draw(page, page.locator("sketch-search .surface"))
    expect(cards(page).first).to_be_visible()
    expect(page.locator("#answer")).to_have_text("24 products")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    picture = cards(page).first.locator("img")
    page.wait_for_function("image => image.complete && image.naturalWidth > 0", arg=picture.element_handle())
    link = cards(page).first.get_by_role("link")
    name = link.locator(".name").inner_text()
    link.click()
    expect(page.get_by_role("heading", name=name, exact=True)).to_be_visible()
    assert page.url.startswith(f"{site.url}/p/")


def test_a_page_may_handle_the_choice_itself(page: Page, shop: Shop) -> None:
    page.goto(shop.url)
    page.locator("sketch-search .example").first.click()
    page.evaluate(
        """() => document.querySelector("sketch-search").addEventListener("select", event => {
            event.preventDefault();
            window.chosen = event.detail;
        })"""
    )
    cards(page).nth(1).get_by_role("link").click()
    chosen = page.evaluate("window.chosen")
    assert (chosen["rank"], page.url.rstrip("/")) == (2, shop.url)
    assert chosen["product"]["name"] == cards(page).nth(1).locator(".name").inner_text()


def test_keyboard_alone_and_narrow_german(new_context: Callable[..., BrowserContext], shop: Shop) -> None:
    page = new_context(viewport=NARROW).new_page()
    page.goto(f"{shop.url}/de/")
    expect(page.locator("sketch-search .invite-title")).to_have_text("Zeichnen Sie, was Sie suchen")
    page.locator("sketch-search .surface").focus()
    for key in ["Space", *["Shift+ArrowRight"] * 3, *["Shift+ArrowDown"] * 3, "Space"]:
        page.keyboard.press(key)
    expect(cards(page).first).to_be_visible()
    assert page.evaluate(STICKING_OUT) == []
    page.keyboard.press("Control+z")
    expect(page.locator("sketch-search .example").first).to_be_visible()


def test_words_and_names_narrow(page: Page, shop: Shop) -> None:
    page.goto(shop.url)
    draw(page, page.locator("sketch-search .surface"))
    chip = page.locator("sketch-search .chip[data-name]").first
    chip.click()
    expect(chip).to_have_attribute("aria-pressed", "true")
    page.locator("sketch-search .words").fill("zeppelin")
    expect(page.locator("sketch-search .line")).to_contain_text("No product matches these words")


def test_near_identical_products_are_shown_on_request(page: Page, shop: Shop) -> None:
    def folding(route: Route) -> None:
        answer = route.fetch()
        body = answer.json()
        body["results"][0]["folded"] = 2  # the demo's catalogue has no such products
        route.fulfill(response=answer, json=body)

    page.route_web_socket("**/ws/search/**", lambda socket: socket.close())
    page.route("**/api/v1/search?**", folding)
    page.goto(shop.url)
    page.locator("sketch-search .example").first.click()
    name = cards(page).first.locator(".name").inner_text()
    page.get_by_role("button", name="+2 similar").click()
    line = page.locator("sketch-search .line")
    expect(line).to_have_text(f"Similar to {name}")
    expect(cards(page).first).not_to_contain_text(name)
    page.get_by_role("button", name="Back to the results for the drawing").click()
    expect(cards(page).first).to_contain_text(name)


def test_in_an_iframe(page: Page, site: Site, shop: Shop) -> None:
    page.goto(f"{shop.url}/frame/")
    frame = page.frame_locator("iframe")
    draw(page, frame.locator("sketch-search .surface"))
    expect(cards(frame).first).to_be_visible()
    cards(frame).first.get_by_role("link").click()
    page.wait_for_url(f"{site.url}/p/**")


def test_a_page_of_another_origin_is_told_why(page: Page, other_shop: Shop, complaints: Complaints) -> None:
    complaints.mean("403")
    page.goto(other_shop.url)
    alert = page.locator("sketch-search").get_by_role("alert")
    expect(alert).to_contain_text(f"Its key does not allow pages of {other_shop.url}.")
    complaints.mean("frame-ancestors", "ERR_BLOCKED_BY_RESPONSE")
    page.goto(f"{other_shop.url}/frame/")
    expect(page.frame_locator("iframe").locator("sketch-search")).to_have_count(0)


def test_a_revoked_key_is_explained(page: Page, site: Site, shop: Shop, complaints: Complaints) -> None:
    complaints.mean("403", *LOST)
    page.goto(shop.url)
    draw(page, page.locator("sketch-search .surface"))
    expect(cards(page).first).to_be_visible()
    change_key(site, NAME, "active=False")
    try:
        page.wait_for_timeout(6_000)  # for which processes keep keys in memory
        page.locator("sketch-search .words").fill("red")
        alert = page.locator("sketch-search").get_by_role("alert")
        expect(alert).to_contain_text("Its key is unknown or has been revoked.")
        page.goto(f"{shop.url}/frame/")
        expect(page.frame_locator("iframe").get_by_role("alert")).to_contain_text("revoked")
    finally:
        change_key(site, NAME, "active=True")
        page.wait_for_timeout(6_000)


def test_without_a_connection_drawing_goes_on(page: Page, shop: Shop, complaints: Complaints) -> None:
    complaints.mean(*LOST)
    page.goto(shop.url)
    expect(page.locator("sketch-search .example").first).to_be_visible()
    page.context.set_offline(True)
    draw(page, page.locator("sketch-search .surface"))
    expect(page.locator("sketch-search .notice")).to_be_visible()
    page.context.set_offline(False)
    expect(cards(page).first).to_be_visible()
