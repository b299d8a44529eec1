"""Shared sketches: links that replay a sketch, and limits on how many are kept."""
