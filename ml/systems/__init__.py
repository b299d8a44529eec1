"""Systems, one a file: how a model, its losses and its stages compose."""
