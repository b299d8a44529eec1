"""Dataset adapters, one a public layout, and their splits."""
