"""Experiments: a second release that answers a share of the visitors beside the live one, by interleaved rankings."""
