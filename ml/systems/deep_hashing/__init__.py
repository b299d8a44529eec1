"""The deep hashing baselines of SketchMate: `dlbhc`, `dsh-supervised`, `dsh-sketch`."""
