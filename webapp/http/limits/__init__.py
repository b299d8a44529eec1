"""Bounds on what a client may send and cost."""
