"""Product photos as arrays: decoding, edge maps, object crops and framing, without torch or Django."""
