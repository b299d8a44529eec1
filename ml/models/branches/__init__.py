"""The branches of ranking networks: Sketch-a-Net as in the papers, or EfficientNet-Lite0 with ImageNet weights."""
