"""The deep hashers that SketchMate is compared with: `dlbhc`, `dsh-supervised`, `dsh-sketch`."""
