"""Evaluation protocols: queries, galleries, relevance and metrics."""
