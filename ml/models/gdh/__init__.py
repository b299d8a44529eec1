"""GDH's networks."""
