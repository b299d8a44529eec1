"""Dataset formats, one file each, and their common parts."""
