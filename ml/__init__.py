"""Sketchfind's machine learning: strokes to tensors, models, training, retrieval and serving, without Django or Celery."""
