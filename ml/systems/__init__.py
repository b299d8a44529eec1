"""Systems, one folder each: how a model, its data, its losses and its stages compose."""
