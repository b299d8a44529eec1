"""Drawing: with a mouse, fingers and a pen; undo; what is saved."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.e2e.draw_page import DrawPage
from tests.e2e.sketches import CHAIR, LAMP, LINE, LOWER_LINE


def test_results_appear_with_the_first_stroke_and_change_with_the_next(draw: DrawPage) -> None:
    draw.expect_empty()
    first = draw.sketch([LINE])
    assert len(first) > 10
    assert draw.sketch(LAMP) != first


def test_results_appear_while_the_stroke_is_still_being_drawn(draw: DrawPage) -> None:
    mouse = draw.page.mouse
    mouse.move(*draw.at((0.2, 0.2)))
    mouse.down()
    for step in range(40):
        mouse.move(*draw.at((0.2 + step / 70, 0.2 + (step % 7) / 20)))
    draw.page.wait_for_timeout(350)  # the pen rests on the canvas: a live search waits for 300 ms of ink
    mouse.move(*draw.at((0.7, 0.7)))
    expect(draw.cards.first).to_be_visible()
    mouse.up()


def test_a_finger_draws(touch_draw: DrawPage) -> None:
    touch_draw.touch().fingers(LINE)
    first = touch_draw.found()
    touch_draw.touch().fingers(LOWER_LINE)
    touch_draw.expect_strokes(2)
    assert touch_draw.found() != first


def test_two_fingers_move_the_sheet_and_leave_no_line(touch_draw: DrawPage) -> None:
    touch = touch_draw.touch()
    touch.fingers([(0.3, 0.4), (0.35, 0.45), (0.45, 0.55)], [(0.6, 0.4), (0.65, 0.45), (0.75, 0.55)])
    expect(touch_draw.button("Zoom to fit")).to_be_visible()
    touch_draw.button("Zoom to fit").click()
    touch.fingers(LINE)
    touch_draw.expect_strokes(1)


def test_tapping_with_two_fingers_undoes_and_with_three_redoes(touch_draw: DrawPage) -> None:
    touch = touch_draw.touch()
    touch.fingers(LINE)
    touch_draw.expect_strokes(1)
    touch.fingers([(0.3, 0.5)], [(0.6, 0.5)])
    touch_draw.expect_empty()
    touch.fingers([(0.3, 0.5)], [(0.5, 0.5)], [(0.7, 0.5)])
    touch_draw.expect_strokes(1)


def test_a_pen_is_recorded_with_its_pressure(touch_draw: DrawPage) -> None:
    touch_draw.touch().pen(LINE, [0.2, 0.9, 0.4])
    touch_draw.found()
    points = touch_draw.queries[-1]["sketch"]["strokes"][0]
    assert [point[3] for point in points] == pytest.approx([0.2, 0.9, 0.4], abs=0.02)


def test_beside_a_pen_a_finger_does_not_draw(touch_draw: DrawPage) -> None:
    touch = touch_draw.touch()
    touch.pen(LINE, [0.5, 0.5, 0.5])
    touch_draw.expect_strokes(1)
    touch.fingers(LOWER_LINE)
    touch.pen(LOWER_LINE, [0.5, 0.5, 0.5])
    touch_draw.expect_strokes(2)


def test_fingers_draw_beside_a_pen_where_the_visitor_wants_it(touch_draw: DrawPage) -> None:
    touch_draw.button("Settings and shortcuts").click()
    touch_draw.page.get_by_role("switch", name="Draw with fingers").check()
    touch_draw.button("Close").click()
    touch_draw.touch().pen(LINE, [0.5, 0.5, 0.5])
    touch_draw.touch().fingers(LOWER_LINE)
    touch_draw.expect_strokes(2)


@pytest.mark.parametrize(("undo", "redo"), [("Control+z", "Control+Shift+z"), ("z", "Shift+Z")])
def test_keys_undo_and_redo(draw: DrawPage, undo: str, redo: str) -> None:
    one = draw.sketch([LINE])
    draw.sketch([LOWER_LINE])
    draw.page.keyboard.press(undo)
    draw.expect_strokes(1)
    assert draw.found() == one
    draw.page.keyboard.press(redo)
    draw.expect_strokes(2)


def test_buttons_undo_and_redo(draw: DrawPage) -> None:
    drawn = draw.sketch([LINE])
    draw.button("Undo").click()
    draw.expect_empty()
    draw.button("Redo").click()
    assert draw.found() == drawn


def test_single_keys_can_be_switched_off(draw: DrawPage) -> None:
    draw.button("Settings and shortcuts").click()
    draw.page.get_by_role("switch", name="Single-key shortcuts").uncheck()
    draw.button("Close").click()
    draw.sketch([LINE, LOWER_LINE])
    draw.page.keyboard.press("z")
    draw.page.keyboard.press("Control+z")
    draw.expect_strokes(1)


def test_the_eraser_takes_the_strokes_it_touches_in_one_step(draw: DrawPage) -> None:
    draw.sketch([LINE, LOWER_LINE, [(0.9, 0.1), (0.9, 0.9)]])
    draw.button("Stroke eraser").click()
    draw.stroke([(0.5, 0.2), (0.5, 0.9)])
    draw.expect_strokes(1)
    draw.button("Undo").click()
    draw.expect_strokes(3)


def test_clearing_can_be_undone(draw: DrawPage) -> None:
    drawn = draw.sketch(CHAIR)
    draw.button("Clear canvas").click()
    draw.expect_empty()
    draw.page.keyboard.press("Control+z")
    draw.expect_strokes(len(CHAIR))
    assert draw.found() == drawn


def test_the_brush_width_is_kept(draw: DrawPage) -> None:
    draw.stroke(LINE)
    draw.page.get_by_role("slider", name="Line width").fill("20")
    draw.stroke(LOWER_LINE)
    draw.expect_strokes(2)
    assert [stroke["w"] for stroke in draw.draft()] == [6, 20]
    draw.page.reload()
    expect(draw.page.get_by_role("slider", name="Line width")).to_have_value("20")


def test_a_reload_keeps_the_drawing(draw: DrawPage) -> None:
    drawn = draw.sketch(CHAIR)
    draw.page.reload()
    assert draw.found() == drawn
    draw.expect_strokes(len(CHAIR))


def test_undo_and_redo_survive_a_reload(draw: DrawPage) -> None:
    draw.sketch([LINE, LOWER_LINE])
    draw.button("Clear canvas").click()
    draw.page.reload()
    draw.expect_empty()
    draw.button("Undo").click()
    draw.expect_strokes(2)
    draw.button("Undo").click()
    draw.expect_strokes(1)
    draw.page.reload()
    draw.button("Redo").click()
    draw.expect_strokes(2)
    draw.button("Redo").click()
    draw.expect_empty()


def test_two_tabs_keep_their_own_drawings(draw: DrawPage) -> None:
    chair = draw.sketch(CHAIR)
    other = DrawPage(draw.page.context.new_page()).open()
    other.button("Clear canvas").click()
    lamp = other.sketch(LAMP)
    assert lamp != chair
    assert draw.ids() == chair
    for tab, results, strokes in ((draw, chair, CHAIR), (other, lamp, LAMP)):
        tab.page.reload()
        assert tab.found() == results
        tab.expect_strokes(len(strokes))
