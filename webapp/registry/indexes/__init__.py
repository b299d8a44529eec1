"""Index builds: from the catalogue's photos to a searchable gallery."""
