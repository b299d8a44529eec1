"""Encoders exported to ONNX and run without torch."""
