"""DSSA's networks."""
