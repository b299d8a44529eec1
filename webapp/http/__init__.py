"""Everything between a request and a view: limits, security, errors, threads, the API framework."""
