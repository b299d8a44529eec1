"""Which names of sketches the products answer: computed from their words, corrected by operators."""
