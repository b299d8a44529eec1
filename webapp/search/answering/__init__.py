"""From what the models see in a query to its answer: narrowing, batches of sketches, ranking and names."""
