"""What `make` runs: gets the site from a fresh clone to a working page, and runs every test.

Only the standard library is at hand when it starts, so nothing here imports the site. The Makefile runs the
folder by its path (`python3 tools/bootstrap demo`).
"""
