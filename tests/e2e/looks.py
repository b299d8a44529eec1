"""Measurements of a page's appearance, for tests that apply to all pages."""

from __future__ import annotations

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

PHONE = {"width": 360, "height": 740}

# Links in a line of text are as high as the line (WCAG 2.5.8 excepts them).
TOO_SMALL = """() => {
    const controls = document.querySelectorAll("a, button, select, summary, input:not([type=hidden])");
    const measured = [...controls].map((control) => {
        const target = control.closest("label") ?? control;
        const { width, height } = target.getBoundingClientRect();
        const inText = control.matches("p a, dd a, .prose a, .crumbs a");
        const shown = control.checkVisibility({ visibilityProperty: true }) && !control.matches(".skip");
        const name = control.getAttribute("aria-label") ?? control.textContent.trim();
        return { name: `${control.localName} ${name}`, width, height, counts: shown && !inText };
    });
    return measured
        .filter(({ width, height, counts }) => counts && Math.min(width, height) < 24)
        .map(({ name, width, height }) => `${name}: ${width} x ${height} px`);
}"""
TOO_WIDE = "document.scrollingElement.scrollWidth > innerWidth ? [`${document.scrollingElement.scrollWidth} px`] : []"
# Words for the eye or for screen readers, without product names and text from the model card.
WORDS = """() => {
    const leave = "script, style, noscript, code, kbd, [lang]:not(html), .card-name, .tile-name, .product h1, .facts dd,"
        + " .model-card, .timings dd, .why h2";
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const words = [document.title.replace(" – Sketchfind", "")];
    for (let node; (node = walker.nextNode()); ) {
        if (!node.parentElement.closest(leave)) words.push(node.textContent);
    }
    for (const element of document.querySelectorAll("[aria-label], [title], [placeholder]")) {
        for (const name of ["aria-label", "title", "placeholder"]) words.push(element.getAttribute(name) ?? "");
    }
    return words.map((text) => text.replace(/[\\s\\d()]+/g, " ").trim()).filter((text) => /\\p{L}{3}/u.test(text));
}"""


def misfits(page: Page) -> list[str]:
    """Return what does not fit the window, and controls that are too small to hit."""
    return [*page.evaluate(TOO_WIDE), *page.evaluate(TOO_SMALL)]


def serious(page: Page) -> list[str]:
    """Return what axe considers serious or critical."""
    return [
        f"{violation['id']}: {node['html']}"
        for violation in Axe().run(page).response["violations"]
        if violation["impact"] in {"serious", "critical"}
        for node in violation["nodes"]
    ]


def words(page: Page) -> list[str]:
    """Return all text of a page, visible or for screen readers."""
    said: list[str] = page.evaluate(WORDS)
    return said
