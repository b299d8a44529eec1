"""Configuration: environment variables, what is derived from them, and the system checks."""
