"""What the systems are compared with: hand-crafted and untrained features, and RankSVM on top of them."""
