"""Shallow hashers over fixed features, which SketchMate and GDH were compared with."""
