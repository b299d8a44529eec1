"""Every kind of misbehaviour that `manage.py bench_hostile` measures; add new ones in a file here."""

from tools.hostile.rows import connections, floods, logins, sketches, uploads

ROWS = {
    row.name: row
    for rows in (uploads.ROWS, sketches.ROWS, logins.ROWS, connections.ROWS, floods.ROWS)
    for row in rows
}
