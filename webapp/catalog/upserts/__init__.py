"""Products written over the API, one at a time or in batches, by the same rules as the rows of a feed."""
