"""Recording: the id of an answer, what is stored of an answer and its clicks, erasure, quotas and expiry."""
