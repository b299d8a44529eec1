"""Backup and restore: database, pictures and the registry's folders in one archive."""
