"""What every system's training shares: configuration, schedule, checkpoints, progress."""
