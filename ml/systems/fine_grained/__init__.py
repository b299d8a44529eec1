"""Systems that find the photo a sketch was drawn from, and their common parts."""
