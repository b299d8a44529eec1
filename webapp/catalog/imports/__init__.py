"""Imports of feeds over the API: upload, confirm what the columns are, check, import. local.py: of local files."""
