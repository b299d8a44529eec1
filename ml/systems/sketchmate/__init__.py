"""System `sketchmate` (SketchMate, CVPR 2018)."""
