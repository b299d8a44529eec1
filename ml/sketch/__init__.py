"""Sketches as strokes: validation, file formats, the rasteriser, augmentation and tracing. No torch, no
Django.
"""
