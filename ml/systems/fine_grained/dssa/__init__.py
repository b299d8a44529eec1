"""System `dssa` (Deep Spatial-Semantic Attention, ICCV 2017)."""
