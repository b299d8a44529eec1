"""System `sketchfind`: the encoder that the site serves."""
