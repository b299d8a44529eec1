"""Measurements of a page's appearance, for tests that apply to all pages."""

from __future__ import annotations

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

PHONE = {"width": 360, "height": 740}
NARROW = {"width": 320, "height": 640}

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
# A label may be scrolled to inside a row of chips, but not stick out of its own button.
STICKING_OUT = """() => {
    const outside = (control) => {
        const box = control.getBoundingClientRect();
        const walker = document.createTreeWalker(control, NodeFilter.SHOW_TEXT);
        for (let node; (node = walker.nextNode()); ) {
            if (node.parentElement.closest(".visually-hidden")) continue;
            const range = document.createRange();
            range.selectNodeContents(node);
            const boxes = [...range.getClientRects()];
            if (boxes.some(({ left, right }) => left < box.left - 0.5 || right > box.right + 0.5)) return true;
        }
        return control.scrollWidth > control.clientWidth && control.localName !== "a";
    };
    return [...document.querySelectorAll("button, .action, .chip, .note, .site-nav a")]
        .filter((control) => control.checkVisibility({ visibilityProperty: true }) && outside(control))
        .map((control) => `label outside of its button: ${control.textContent.trim()}`);
}"""
HEADER_LINES = """() => {
    const nav = document.querySelector(".site-nav");
    const lines = new Set([...nav.querySelectorAll("a")].flatMap((link) => {
        const range = document.createRange();
        range.selectNodeContents(link);
        return [...range.getClientRects()].map(({ top }) => Math.round(top));
    }));
    const hidden = nav.scrollWidth > nav.clientWidth ? [`header: ${nav.scrollWidth} of ${nav.clientWidth} px`] : [];
    return lines.size > 1 ? [...hidden, `header: links in ${lines.size} lines`] : hidden;
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


def crowded(page: Page) -> list[str]:
    """Return labels that do not fit their buttons, and a header that needs more than one line."""
    return [*page.evaluate(TOO_WIDE), *page.evaluate(STICKING_OUT), *page.evaluate(HEADER_LINES)]


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
