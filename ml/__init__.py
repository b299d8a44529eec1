"""Sketchfind's machine learning: strokes, models, training, retrieval and serving, without Django or Celery."""
