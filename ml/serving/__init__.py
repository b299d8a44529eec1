"""Exported encoders on onnxruntime, without torch."""
