"""SketchMate's network."""
