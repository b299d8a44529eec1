"""What the site and training agree on; anyone may import it."""
