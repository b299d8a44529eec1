"""Simulated visitors who click on rankings: what interleaving finds, and what learning from clicks brings."""
