"""The encoder of system `sketchfind-pairs`."""
