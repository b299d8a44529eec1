"""Logs and metrics of each process."""
