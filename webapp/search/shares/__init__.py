"""Shared searches: links that replay a sketch with what its results were narrowed to, and limits on how many are kept."""
