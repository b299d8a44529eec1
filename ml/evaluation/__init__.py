"""Metrics, protocol and reports."""
