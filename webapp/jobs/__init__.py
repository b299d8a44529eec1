"""Shared by jobs of all apps: the lease on a row of work."""
