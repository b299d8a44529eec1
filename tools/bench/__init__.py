"""Shared by the benchmark commands."""
