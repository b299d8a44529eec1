"""What the site and training share; every package may import it."""
