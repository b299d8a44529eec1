"""Where data is kept: database backends, cache, broker, files; and limits on how much."""
