"""The import of a catalogue: a feed and its pictures, as a stream, repeatable at any time.

feeds/      bytes of a feed, in a shop system's layout -> raw rows, one product each
values/     prices, categories, links and the like, from the ways in which shops write them
rows.py     raw row -> validated row, or what is wrong with it
sources.py  the pictures: a folder or a zip, both untrusted
stored.py   the pictures: a folder of the site's own store
photos.py   picture -> clean photo, thumbnail, edges, box, hashes
loading.py  the pictures of a batch of rows, read and prepared in threads
files.py    the files of a prepared photo
galleries.py  which photos of a product stay, move, go and come; requests for those that are named by URL
tree.py     category paths -> categories
batches.py  validated rows -> database and files, a batch completely or not at all
withdrawal.py  what a complete feed lacks, by seen.py, goes off sale
run.py      the whole import: counts, progress, findings
report.py   findings as CSV
"""
