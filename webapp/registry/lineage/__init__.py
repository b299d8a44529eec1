"""Model versions; the lineage of releases and votes."""
