"""System `sketchfind-pairs`: the encoder trained on public datasets of sketch-photo pairs."""
