"""The next item appears at once: its pictures were loaded and decoded before."""

from __future__ import annotations

from tests.e2e.annotation.work_page import WorkPage

# Milliseconds from the key to the first frame with another item's three pictures; the median of eight.
PACE = """async () => {
    const frame = () => new Promise(requestAnimationFrame);
    const paces = [];
    for (let i = 0; i < 8; i++) {
        await new Promise(resolve => setTimeout(resolve, 600));
        const before = document.querySelector("[data-assignment]").dataset.assignment;
        const start = performance.now();
        document.dispatchEvent(new KeyboardEvent("keydown", { key: "1", bubbles: true }));
        const stands = () => {
            const item = document.querySelector("[data-assignment]");
            const images = [...(item?.querySelectorAll("img") ?? [])];
            return item && item.dataset.assignment !== before && images.every(image => image.complete);
        };
        while (!stands()) await frame();
        await frame();
        paces.push(performance.now() - start);
    }
    return paces.sort((a, b) => a - b)[4];
}"""


def test_nothing_is_fetched_when_the_next_item_is_shown(worker: WorkPage) -> None:
    page = worker.join("speed").page
    page.wait_for_load_state("networkidle")
    fetched: list[str] = []
    page.on(
        "request", lambda request: fetched.append(request.url) if request.resource_type == "image" else None
    )
    shown = {
        str(source) for source in page.locator(".judge img").evaluate_all("images => images.map(i => i.src)")
    }
    worker.press("1")
    now = {
        str(source) for source in page.locator(".judge img").evaluate_all("images => images.map(i => i.src)")
    }
    assert now != shown
    assert not now & set(fetched)
    print(f"between two items, median: {page.evaluate(PACE):.0f} ms")
