"""Generators of the reference pages in docs/, called by MkDocs through `hooks.py`."""
