"""The lexicon of `ml.vocabulary`, made from WordNet 3.0."""
