"""Retrieval metrics, using only NumPy."""
