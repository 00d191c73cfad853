"""Pixels: pictures are decoded and measured here; what the figures mean is for the rules to say."""
