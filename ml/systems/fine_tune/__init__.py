"""Profile `fine-tune` of system `sketchfind`: retrain the head of a served model."""
