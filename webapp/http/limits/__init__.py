"""Limits on what a client may send and cost."""
