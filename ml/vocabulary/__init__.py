"""What a sketch's name has to do with a product's words: no torch, no training, any catalogue, English and German."""
