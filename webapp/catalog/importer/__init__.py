"""Importing a catalogue: a CSV or JSONL feed and its pictures, in a stream, as often as one likes.

feed.py     bytes of a feed -> raw rows, one at a time
rows.py     raw row -> checked row, or what is wrong with it
sources.py  the pictures: a folder or a zip, neither trusted
photos.py   picture -> clean photo, thumbnail, edges, box, hashes
batches.py  checked rows -> database and files, all of a batch or nothing
run.py      the whole: counts, progress, findings
report.py   findings as CSV
"""
