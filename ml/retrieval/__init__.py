"""Packed hash codes, the gallery index on disk, and two-stage search over it, without torch or Django."""
