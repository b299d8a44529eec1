"""Where a worker comes from when he is nobody of flesh and blood: the names of such panels."""

SYNTHETIC = "SYNTHETIC"  # made up by `manage.py crowd_simulate`
REPLAYED = "REPLAYED"  # real votes of another time, sent again by `manage.py crowd_replay`
IMPORTED = "IMPORTED"  # real votes of another place, read from a file

INTERNAL = frozenset({SYNTHETIC, REPLAYED, IMPORTED})  # nobody joins from one of them by a bare number
