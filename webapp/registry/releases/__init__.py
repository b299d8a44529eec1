"""Releases: a model version with its index, and the pointer at the live one."""
