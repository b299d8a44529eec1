"""What recorded clicks teach: weak triplets, frozen beside the votes of a snapshot, never among them."""
