"""Answers as visitors get them: with an id where clicks are recorded, interleaved in an experiment, or with a swap."""
