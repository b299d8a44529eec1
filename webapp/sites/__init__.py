"""Sites of others that use this one's search: their keys, and what a key allows."""
