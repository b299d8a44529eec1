"""Baselines: hand-crafted and untrained features, and RankSVM on top of them."""
