"""System `triplet-san` (Sketch Me That Shoe, CVPR 2016)."""
