"""Product photos as arrays: decoding, edge maps, object crops and framing. No torch, no Django."""
