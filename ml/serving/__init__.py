"""The exported encoder, served without torch."""
