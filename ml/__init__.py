"""Sketchfind's machine learning: strokes to tensors, models, training, retrieval and serving. No Django, no Celery."""
