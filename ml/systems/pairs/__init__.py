"""System `sketchfind-pairs`: the encoder trained on public sets of sketch-photo pairs."""
