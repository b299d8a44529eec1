"""Names of the branches, and sizes of the pretrained one. Imports no torch, so that settings can be listed without it."""

from typing import Final, Literal

BranchName = Literal["sketch-a-net", "lite0"]
LITE0_PX: Final = 160  # side of Lite0's input
FROZEN_BLOCKS: Final = 5  # first blocks of Lite0 that do not learn, beside the stem
LITE0_BLOCKS: Final = 11
