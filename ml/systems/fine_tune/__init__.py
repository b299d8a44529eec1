"""Profile `fine-tune` of system `sketchfind`: retraining the head of a served model."""
