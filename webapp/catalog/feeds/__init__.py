"""Feeds by address: fetched on a schedule, checked, and imported like an upload.

schedule.py   when the next fetch is due
downloads.py  from an address to a file with a name
columns.py    whether a feed has the columns that were confirmed
turns.py      one fetch by one worker, and the import that it creates
settling.py   what became of that import: imported, waiting for the operator, failed
services.py   changes by operators; over the API in imports/scheduled/
"""
