"""No stroke is lost while the results move."""

from __future__ import annotations

import random

from tests.e2e.draw_page import DrawPage
from tests.e2e.sketches import CHAIR, LAMP, LINE, LOWER_LINE, Point, Stroke

N_STROKES = 500
PER_SHEET = 10  # results move most at a drawing's first strokes
SAVED_MS = 320  # until the draft contains the last stroke, if the machine does nothing else
PATIENCE = 20  # times as long, before a stroke counts as lost
# Whether the cards that slide take pointer events; null in frames in which none does.
SLIDING = """() => {
    const slides = (card) => card.getAnimations().some((animation) => !(animation instanceof CSSAnimation));
    const sliding = [...document.querySelectorAll(".card[data-flip]")].filter(slides);
    return sliding.length ? sliding.map((card) => getComputedStyle(card).pointerEvents) : null;
}"""


def test_no_stroke_is_lost_while_results_move(draw: DrawPage) -> None:
    mouse = draw.page.mouse
    (left, top), (right, bottom) = draw.at((0, 0)), draw.at((1, 1))
    shuffle = random.Random(0)
    kept = []
    for _ in range(N_STROKES // PER_SHEET):
        for stroke in shuffle.choices([*CHAIR, *LAMP], k=PER_SHEET):
            for step, (x, y) in enumerate(_near_the_results(stroke, shuffle)):
                mouse.move(left + x * (right - left), top + y * (bottom - top))
                if step == 0:
                    mouse.down()
            mouse.up()
        for _ in range(PATIENCE):
            draw.page.wait_for_timeout(SAVED_MS)
            if len(draw.draft()) == PER_SHEET:
                break
        kept.append(len(draw.draft()))
        draw.button("Clear canvas").click()
    assert sum(kept) == N_STROKES, kept


def test_a_sliding_card_takes_no_pointer_events(draw: DrawPage) -> None:
    draw.sketch([LINE])
    for stroke in (LOWER_LINE, *LAMP):
        draw.stroke(stroke)
        assert set(draw.page.wait_for_function(SLIDING).json_value()) == {"none"}


def _near_the_results(stroke: Stroke, shuffle: random.Random) -> list[Point]:
    """Return three points of a stroke, moved to the sheet's right part."""
    aside = shuffle.uniform(-0.2, 0.5)
    return [(min(0.98, max(0.02, x + aside)), y) for x, y in (stroke[0], stroke[-2], stroke[-1])]
