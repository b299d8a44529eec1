"""The import of a catalogue: a CSV or JSONL feed and its pictures, as a stream, repeatable at any time.

feed.py     bytes of a feed -> raw rows, one at a time
rows.py     raw row -> validated row, or what is wrong with it
sources.py  the pictures: a folder or a zip, both untrusted
photos.py   picture -> clean photo, thumbnail, edges, box, hashes
batches.py  validated rows -> database and files, a batch completely or not at all
run.py      the whole import: counts, progress, findings
report.py   findings as CSV
"""
