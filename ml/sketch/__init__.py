"""Sketches as strokes: validation, file formats, rasteriser, augmentation and tracing, without torch or Django."""
