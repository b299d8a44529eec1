"""TU-Berlin's sketches, with the photos of its extension, and without some categories."""
