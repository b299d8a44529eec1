"""Retrieval metrics, in NumPy alone."""
