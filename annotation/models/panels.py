"""Panel names of workers who are not people working on this site."""

SYNTHETIC = "SYNTHETIC"  # simulated by `manage.py crowd_simulate`
REPLAYED = "REPLAYED"  # recorded votes, replayed by `manage.py crowd_replay`
IMPORTED = "IMPORTED"  # votes cast elsewhere, imported from a file

INTERNAL = frozenset({SYNTHETIC, REPLAYED, IMPORTED})  # refused as the panel of a join request
