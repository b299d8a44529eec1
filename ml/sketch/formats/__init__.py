"""Readers and writers of stroke formats, to and from `ml.sketch.strokes.Sketch`."""
