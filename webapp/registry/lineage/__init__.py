"""Model versions; where a release comes from, and where a vote went."""
