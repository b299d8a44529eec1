"""Stores: database backends, cache, broker and files; and quotas."""
