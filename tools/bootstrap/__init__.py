"""The commands of the Makefile: from a fresh clone to a working page, and every test.

Only the standard library is available when they start, so nothing here imports the site. The Makefile runs the folder by
its path (`python3 tools/bootstrap demo`).
"""
