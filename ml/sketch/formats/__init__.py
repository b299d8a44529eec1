"""Readers and writers of stroke formats. Each turns its file into `ml.sketch.strokes.Sketch` and back."""
