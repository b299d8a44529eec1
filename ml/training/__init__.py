"""Shared parts of training: configuration, schedule, loop, checkpoints, export."""
