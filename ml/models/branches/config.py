"""Names of the branches. Imports no torch, so that settings can be listed without it."""

from typing import Literal

BranchName = Literal["sketch-a-net", "lite0"]
