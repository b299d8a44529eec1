"""Index builds: from the photos of the catalogue to a gallery that can be searched."""
