"""What clicks teach, with NumPy only: position bias from random swaps, and weak triplets."""
