"""Recipes of the papers' rows: read, run, and compared with the published figures."""
