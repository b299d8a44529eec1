"""The variants of losses that settings choose from. Imports no torch, so that settings can be listed without it."""

from typing import Literal

AdversarialForm = Literal["minimax", "non-saturating"]
CycleDistance = Literal["frobenius", "l1"]
