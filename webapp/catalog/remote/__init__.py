"""Pictures by URL, fetched by a worker: one host at a time, at a rate that its server bears.

pace.py      when the next request to a host may be sent
turns.py     one worker's turn at a host: fetch what is due, until time is up
preparing.py from a server's bytes to a photo, decoded in a sandbox
settling.py  what became of a picture: rows, files, the import's report
waiting.py   what is left to do, and how long it may take
"""
