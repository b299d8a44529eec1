"""What jobs of every room share: the lease on a row of work."""
