"""Shallow hashers over fixed features, the baselines of SketchMate and GDH."""
