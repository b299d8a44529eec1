"""Systems that find the very photo a sketch was drawn of, and what they share."""
