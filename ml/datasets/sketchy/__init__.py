"""The Sketchy database: pairs of sketch and photo, with the photos of its extension, and without some categories."""
