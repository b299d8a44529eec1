"""Images read in a separate process: the same results, with limits on the time and memory of each image."""

from __future__ import annotations

import io
import os
import signal
from collections.abc import Iterator

import numpy as np
import pytest
from PIL import Image, ImageDraw

from ml.errors import ImageError, SketchError
from ml.images.decode import ImageLimits
from ml.images.reading import Question, image_seen
from ml.images.sandbox import ImageSandbox
from ml.sketch.raster import RasterSpec


def question(mode: str = "auto", **limits: int) -> Question:
    return Question(mode, ("photo", "edge"), RasterSpec(64), ImageLimits(**limits))  # type: ignore[arg-type]


def encoded(image: Image.Image, form: str = "PNG", **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, form, **options)
    return buffer.getvalue()


def photo() -> bytes:
    pixels = np.random.default_rng(0).integers(0, 255, (30, 40, 3), dtype=np.uint8)
    return encoded(Image.fromarray(pixels).resize((400, 300)))


def drawing() -> bytes:
    image = Image.new("L", (300, 300), 245)
    ImageDraw.Draw(image).rectangle((60, 60, 240, 200), outline=20, width=4)
    return encoded(image)


@pytest.fixture(scope="module")
def sandbox() -> Iterator[ImageSandbox]:
    sandbox = ImageSandbox()
    yield sandbox
    sandbox.close()


def test_a_photo_gives_the_same_inputs_as_without_the_sandbox(sandbox: ImageSandbox) -> None:
    seen, expected = sandbox.seen(photo(), question()), image_seen(photo(), question())
    assert seen.sketch is None
    assert [image.shape for image in seen.images] == [(64, 64, 3), (64, 64)]
    for image, same in zip(seen.images, expected.images, strict=True):
        np.testing.assert_array_equal(image, same)


def test_a_drawing_gives_the_same_strokes_as_without_the_sandbox(sandbox: ImageSandbox) -> None:
    seen, expected = sandbox.seen(drawing(), question()), image_seen(drawing(), question())
    assert seen.sketch is not None
    assert expected.sketch is not None
    assert seen.sketch.to_payload() == expected.sketch.to_payload()


def test_an_svg_becomes_strokes_in_every_mode(sandbox: ImageSandbox) -> None:
    data = (
        b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><path stroke="red" d="M1 1L8 8"/></svg>'
    )
    for mode in ("auto", "photo", "sketch"):
        seen = sandbox.seen(data, question(mode))
        assert seen.sketch is not None
        assert seen.sketch.ink_box() == (1, 1, 8, 8)
    with pytest.raises(SketchError, match=r"^image: this SVG draws no lines$"):
        sandbox.seen(data.replace(b"red", b"none").replace(b"<path", b'<path fill="none"'), question())


@pytest.mark.parametrize("level", [20, 235])
def test_a_drawing_on_a_transparent_ground_is_traced_whatever_its_ink(
    sandbox: ImageSandbox, level: int
) -> None:
    image = Image.new("LA", (300, 300), (0, 0))
    ImageDraw.Draw(image).rectangle((60, 60, 240, 200), outline=(level, 255), width=4)
    seen = sandbox.seen(encoded(image), question())
    assert seen.sketch is not None
    assert seen.sketch.ink_box() == pytest.approx((60, 60, 240, 200), abs=4)


def test_errors_name_the_field(sandbox: ImageSandbox) -> None:
    with pytest.raises(ImageError, match=r"^image: not a readable image"):
        sandbox.seen(b"nothing", question())
    with pytest.raises(SketchError, match=r"^image: no lines found"):
        sandbox.seen(encoded(Image.new("L", (200, 200), 250)), question("sketch"))
    with pytest.raises(ImageError, match=r"at most 0\.0001 MB"):
        sandbox.seen(bytes(101), question(max_bytes=100))


def test_an_image_that_kills_the_process_does_not_affect_others(sandbox: ImageSandbox) -> None:
    sandbox.seen(photo(), question())
    assert sandbox._child
    os.kill(sandbox._child.pid, signal.SIGSTOP)
    os.kill(sandbox._child.pid, signal.SIGKILL)
    for _ in range(2):  # the first call may be the one that notices the dead process
        try:
            assert sandbox.seen(photo(), question()).images
        except ImageError:
            continue
    assert sandbox.seen(photo(), question()).images


def test_an_image_that_takes_too_long_is_refused_and_the_next_is_read() -> None:
    sandbox = ImageSandbox(processor_s=0.05)
    noise = np.random.default_rng(0).integers(0, 255, (1500, 1500, 3), dtype=np.uint8)
    slow = encoded(Image.fromarray(noise), compress_level=1)
    with pytest.raises(ImageError, match="too much time or memory"):
        sandbox.seen(slow, question())
    assert sandbox.seen(encoded(Image.new("L", (20, 20))), question("photo")).images
    sandbox.close()


def test_an_image_whose_process_gets_no_processor_time_is_refused_and_the_next_is_read() -> None:
    sandbox = ImageSandbox(wall_s=5.0)
    assert sandbox.seen(drawing(), question()).sketch
    assert sandbox._child
    os.kill(sandbox._child.pid, signal.SIGSTOP)
    large = encoded(Image.fromarray(np.random.default_rng(0).integers(0, 255, (400, 400, 3), dtype=np.uint8)))
    with pytest.raises(ImageError, match="too much time or memory"):
        sandbox.seen(large, question())  # larger than the pipe's buffer, so that writing blocks
    assert sandbox.seen(encoded(Image.new("L", (20, 20))), question("photo")).images
    sandbox.close()


def test_an_image_that_takes_too_much_memory_is_refused_and_the_next_is_read() -> None:
    sandbox = ImageSandbox(memory_bytes=20_000_000)
    with pytest.raises(ImageError, match="too much"):
        sandbox.seen(encoded(Image.new("RGBA", (3000, 3000))), question("photo"))
    assert sandbox.seen(encoded(Image.new("L", (20, 20))), question("photo")).images
    sandbox.close()
