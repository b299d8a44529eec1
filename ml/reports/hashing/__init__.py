"""Reports on hash codes."""
