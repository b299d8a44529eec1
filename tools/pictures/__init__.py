"""Openly licensed pictures and icons as training data."""
