"""Systems, one folder each: each combines a model, data, losses and training stages."""
